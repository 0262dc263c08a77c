"""What `doctor` finds: each check alone, whatever else is broken, and nothing changed by any of it."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from launcher.catalogue import catalogue
from launcher.errors import ExitCode
from launcher.ledger.sessions import opening
from launcher.operations.acts import record
from launcher.operations.doctor import Health, doctor
from launcher.operations.record import open_ledger
from launcher.operations.site import find_site
from launcher.render.doctor import Check, State
from launcher.sandbox.server import serve
from tests.support.command_line import REPOSITORY
from tests.support.guarded import SETTINGS
from tests.support.loopback import Loopback, read_request
from tests.support.workspaces import WORKSPACE, Place, a_manifest, a_place

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

APPROVED = 1003
REMOTE = WORKSPACE.replace("server: sandbox", "server: remote")
PULL_REQUEST = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request"}
CHANGES = {"execute_job_plan", "operate_job_instance", "operate_step_instance"}


def looked(place: Place, environment: str | None = None) -> Health:
    return doctor(place.root, environment, place.surroundings)


def found(health: Health, name: str) -> list[Check]:
    checks = [check for check in health.checks if check.name == name]
    assert checks, f"no check {name}: {[check.name for check in health.checks]}"
    return checks


def the(health: Health, name: str) -> Check:
    (check,) = found(health, name)
    return check


def codes(health: Health, *states: State) -> dict[str, str | None]:
    """What is not well, by name."""
    return {it.name: it.code for it in health.checks if it.state in (states or ILL)}


ILL = (State.WARNING, State.PROBLEM)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A workspace in git, with one launch that nobody has applied yet."""
    made = a_place(tmp_path / "workspace", a_manifest())
    made.write(".gitignore", ".launcher/\n")
    made.git("init", "--quiet")
    made.commit()
    return made


@pytest.fixture
def applied(place: Place) -> Place:
    place.apply()
    place.commit()
    return place


# --- all is well --------------------------------------------------------------------------------


def test_everything_is_well_after_an_apply(applied):
    health = looked(applied)

    assert codes(health) == {}
    assert health.exit_code is ExitCode.DONE
    assert [it.name for it in health.checks if it.state is State.NOT_TESTED] == ["launch_job_plan"]


def test_what_cannot_be_known_before_the_first_apply_is_not_tested(place):
    health = looked(place)

    assert codes(health) == {}
    assert {it.name for it in health.checks if it.state is State.NOT_TESTED} == {
        "view_history",
        "read-back",
        "launch_job_plan",
    }
    assert "none yet" in the(health, "ledger").message


def test_nothing_is_created_started_or_recorded(applied):
    files = {
        path: path.read_bytes()
        for path in applied.root.rglob("*")
        if path.is_file() and path.suffix != ".sqlite" and ".git" not in path.parts
    }
    instances, asked = applied.instances(), len(applied.requests())

    looked(applied)

    assert applied.instances() == instances
    changing = [it for it in applied.requests()[asked:] if it["operation"] in CHANGES]
    assert len(changing) == 3, "the proof of what the server can do, which can run nothing"
    assert {path: path.read_bytes() for path in files} == files


def test_before_the_first_apply_no_ledger_is_made(place):
    looked(place)

    assert not (place.root / ".launcher/ledger/sandbox.jsonl").exists()
    assert not (place.root / "locks").exists()


# --- the place ----------------------------------------------------------------------------------


def test_without_a_workspace_and_variables_each_has_its_cure(tmp_path):
    health = looked(Place(tmp_path))

    assert health.environment is None
    assert the(health, "workspace").code == "L160"
    assert [check.code for check in found(health, "server")] == ["L500", "L500", "L503"]
    assert {check.state for check in found(health, "server")} == {State.WARNING}
    assert found(health, "server")[0].hint == (
        "export BK_API_URL_TMPL='https://bkapi.example.com/api/{gateway_name}'"
    )
    assert found(health, "server")[1].hint == "export BK_APP_CODE=APP\nexport BK_APP_SECRET=SECRET"
    assert health.exit_code is ExitCode.SURROUNDINGS


def test_every_check_that_is_ill_has_a_code_and_a_hint(tmp_path):
    place = a_place(tmp_path, "nonsense: [", workspace=REMOTE)
    place.environ |= {"LAUNCHER_POLL": "x", **PULL_REQUEST}

    ill = [check for check in looked(place).checks if check.state in ILL]

    assert {check.name for check in ill} == {
        "manifests", "settings", "git", "ci", "ledger", "server",
    }  # fmt: skip
    for check in ill:
        assert check.code in catalogue()
        assert check.hint
        assert check.message


def test_an_environment_that_is_not_declared_hides_nothing_else(place):
    health = looked(place, "sandbxo")

    assert the(health, "environment").code == "L522"
    assert the(health, "git").state is State.OK
    assert the(health, "manifests").state is State.OK


def test_manifests_that_are_wrong_are_counted_and_leave_the_server_to_be_looked_at(place):
    place.write("plans/bad.yaml", "nonsense: [")

    health = looked(place)

    assert the(health, "manifests").code == "L368"
    assert the(health, "connection").state is State.OK
    assert the(health, "view_job_plan").state is State.NOT_TESTED


def test_variables_that_cannot_be_used_hide_nothing_else(place):
    place.environ |= {"LAUNCHER_POLL": "x", "LAUNCHER_START_WINDOW": "10m"}

    health = looked(place)

    assert [check.code for check in found(health, "settings")] == ["L501", "L505"]
    assert the(health, "two-phases").state is State.OK


def test_a_folder_without_git_and_a_shallow_clone_are_warnings(applied, tmp_path):
    clone = tmp_path / "clone"
    applied.git("clone", "--quiet", "--depth=1", applied.root.as_uri(), str(clone))
    assert codes(looked(Place(clone)), State.WARNING)["git"] == "L371"

    shutil.rmtree(applied.root / ".git")
    assert the(looked(applied), "git").code == "L370"


def test_a_pull_request_is_a_warning_for_a_real_server_and_none_for_the_sandbox(place):
    place.environ |= PULL_REQUEST
    assert the(looked(place), "ci").state is State.OK

    place.write("launcher.yaml", REMOTE)
    check = the(looked(place), "ci")
    assert (check.state, check.code) == (State.WARNING, "L527")


def test_a_ledger_that_a_ci_run_would_throw_away_is_a_problem(place):
    place.write("launcher.yaml", REMOTE)
    place.environ |= {"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "push"}

    health = looked(place)

    assert (the(health, "ci").state, the(health, "ci").code) == (State.PROBLEM, "L528")
    assert the(health, "ledger").code == "L434", "and none is created there"


# --- the record ---------------------------------------------------------------------------------


def test_a_lost_ledger_is_a_problem_and_leaves_the_server_to_be_looked_at(applied):
    (applied.root / ".launcher/ledger/sandbox.jsonl").unlink()

    health = looked(applied)

    assert the(health, "ledger").code == "L430"
    assert the(health, "run-lock").state is State.NOT_TESTED
    assert the(health, "connection").state is State.OK


def test_a_lockfile_that_differs_is_a_warning(applied):
    path = applied.root / "locks/sandbox.lock.json"
    path.write_text(path.read_text().replace('"succeeded"', '"failed"'))

    check = the(looked(applied), "lockfile")

    assert (check.state, check.code) == (State.WARNING, "L445")
    assert check.hint == "launcher lock sync -e sandbox"


def test_a_ledger_of_another_server_is_a_problem(applied):
    (applied.root / ".launcher/sandbox/sandbox.sqlite").unlink()

    assert the(looked(applied), "binding").code == "L435"


def a_session_of(place: Place, host: str) -> None:
    """Another run's session, opened and left open."""
    other = Place(place.root, clock=place.clock, host=host, pid=1)
    site = find_site(other.root, None, other.surroundings)
    ledger = open_ledger(site)
    draft = opening("s-1", site.author)
    record(site, ledger, ledger.read(), lambda _: (draft,))


def test_an_open_session_says_whose_it_is_and_how_to_go_on(applied):
    a_session_of(applied, "build-9")

    check = the(looked(applied), "run-lock")

    assert (check.state, check.code) == (State.WARNING, "L421")
    assert "ana has been applying to `sandbox` from build-9" in check.message

    applied.clock.now += timedelta(minutes=10)
    assert the(looked(applied), "run-lock").code == "L373"


# --- the server ---------------------------------------------------------------------------------


def denied(place: Place, action: str, **more: Any) -> None:
    place.arm({"fault": "permission-denied", "action": action, "times": "always", **more})


def test_without_access_to_the_scope_nothing_more_is_asked(place):
    denied(place, "access_business")
    asked = len(place.requests())

    health = looked(place)

    check = the(health, "access_business")
    assert (check.state, check.code) == (State.PROBLEM, "L360")
    assert "`access_business`" in check.message
    assert the(health, "credentials").state is State.OK
    assert the(health, "view_job_plan").state is State.NOT_TESTED
    assert len(place.requests()) == asked + 1
    assert health.exit_code is ExitCode.SURROUNDINGS


def test_a_scope_that_does_not_exist_is_told_apart_from_a_missing_permission(place):
    place.write("launcher.yaml", WORKSPACE.replace('id: "2"', 'id: "77"'))

    assert the(looked(place), "access_business").code == "L361"


def test_a_job_plan_that_may_not_be_viewed_names_the_launch(place):
    denied(place, "view_job_plan")

    health = looked(place)

    (check,) = found(health, "view_job_plan")
    assert check.code == "L360"
    assert "db-migrate" in check.message
    assert the(health, "marker").state is State.NOT_TESTED
    assert the(health, "two-phases").state is State.OK


def test_a_job_plan_that_is_not_there_is_told_of_beside_those_that_are(place):
    place.write("plans/gone.yaml", a_manifest("gone", plan=4711))

    good, bad = found(looked(place), "view_job_plan")

    assert (good.state, good.message) == (State.OK, "1 job plan can be read")
    assert (bad.state, bad.code) == (State.PROBLEM, "L364")
    assert "4711 in biz 2, which gone would launch" in bad.message


def test_a_workspace_without_a_marker_is_a_warning(place):
    place.write("launcher.yaml", WORKSPACE.replace("  marker: LAUNCH_KEY\n", ""))

    assert the(looked(place), "marker").code == "L365"


@pytest.mark.parametrize(
    ("marker", "plan", "why"),
    [
        ("NO_SUCH", 1001, "declares no variable of this name"),
        ("release_channel", 1000, "declares it as Namespace"),
    ],
)
def test_a_job_plan_that_cannot_carry_the_marker_is_a_warning_that_says_why(
    place, marker, plan, why
):
    place.write("launcher.yaml", WORKSPACE.replace("LAUNCH_KEY", marker))
    place.write("plans/m0.yaml", a_manifest(plan=plan))

    check = the(looked(place), "marker")

    assert (check.state, check.code) == (State.WARNING, "L366")
    assert why in check.message


def test_a_job_plan_without_a_script_step_shows_no_marker(place):
    text = (REPOSITORY / "launcher/sandbox/demo.yaml").read_text()
    step = text[text.index("      - id: 3032\n") : text.index("  - id: 1004\n")]
    world = place.write(".launcher/world.yaml", text.replace(step, ""))
    place.environ["LAUNCHER_SANDBOX_WORLD"] = str(world)
    place.write("plans/m0.yaml", a_manifest(plan=APPROVED))

    check = the(looked(place), "marker")

    assert check.code == "L366"
    assert "has no script step" in check.message


def test_an_older_server_is_a_problem_unless_the_environment_allows_it(place):
    older = {"fault": "older-server", "times": "always"}
    place.arm(older)
    check = the(looked(place), "two-phases")
    assert (check.state, check.code) == (State.PROBLEM, "L231")

    place.write("launcher.yaml", SETTINGS.format(guards="allowSinglePhase: true"))
    place.arm(older)
    assert the(looked(place), "two-phases").state is State.WARNING


def test_what_cannot_be_read_back_is_a_problem_only_where_it_is_demanded(applied):
    fault = {
        "fault": "rate-limited",
        "when": {"operation": "get_step_instance_detail"},
        "times": "always",
    }
    applied.arm(fault)
    check = the(looked(applied), "read-back")
    assert (check.state, check.code) == (State.WARNING, "L367")

    applied.write("launcher.yaml", SETTINGS.format(guards="requireVerification: true"))
    applied.arm(fault)
    assert the(looked(applied), "read-back").state is State.PROBLEM


def test_what_job_has_forgotten_tests_nothing(applied):
    applied.clock.now += timedelta(days=60)

    health = looked(applied)

    assert the(health, "view_history").state is State.NOT_TESTED
    assert the(health, "read-back").state is State.NOT_TESTED


def test_a_server_that_fails_is_no_missing_permission(place):
    place.arm({"fault": "server-error", "times": "always"})

    health = looked(place)

    assert codes(health, State.PROBLEM) == {"connection": "L308"}
    assert the(health, "credentials").state is State.NOT_TESTED


# --- a server at an address ---------------------------------------------------------------------


@pytest.fixture
def served(place: Place) -> Iterator[Place]:
    """The same workspace with a server of its own on loopback, whose clock is the place's."""
    place.write("launcher.yaml", REMOTE)
    with serve(clock=lambda: place.clock.now) as running:
        place.environ |= {
            "LAUNCHER_URL": running.url + "/api/bk-job/prod",
            "LAUNCHER_ALLOW_HTTP": "1",
            "BK_APP_CODE": "launcher",
            "BK_APP_SECRET": "sandbox",
            "BK_USERNAME": "admin",
        }
        yield place


def test_a_server_at_an_address_is_well_and_says_where_its_address_comes_from(served):
    health = looked(served)

    assert codes(health) == {}
    message = the(health, "server").message
    assert "(from LAUNCHER_URL)" in message
    assert "app launcher with bk_username" in message
    assert "sandbox" not in message, "the secret is not shown"


def test_a_proxy_is_shown_without_its_password(served):
    served.environ |= {
        "LAUNCHER_URL": "https://job.invalid/api/bk-job/prod",
        "HTTPS_PROXY": "http://me:secret@127.0.0.1:1",
    }

    health = looked(served)

    assert "through the proxy 127.0.0.1:1" in the(health, "server").message
    assert codes(health, State.PROBLEM) == {"connection": "L301"}
    assert all("secret@" not in check.message for check in health.checks)


def test_nobody_at_the_address_is_told_as_the_client_tells_it(served):
    served.environ["LAUNCHER_URL"] = "http://127.0.0.1:1/api/bk-job/prod"

    health = looked(served)

    check = the(health, "connection")
    assert check.code == "L301"
    assert "(L301)" not in check.message, "the code has a place of its own"
    assert {it.state for it in health.checks if it.name in ("credentials", "clock", "marker")} == {
        State.NOT_TESTED
    }


@pytest.mark.parametrize(("status", "code"), [(401, "L317"), (403, "L305")])
def test_credentials_that_are_not_accepted_are_told_apart_from_the_connection(served, status, code):
    def refuse(connection: socket.socket) -> bytes:
        asked = read_request(connection)
        head = f"HTTP/1.1 {status} No\r\nX-Bkapi-Request-Id: r1\r\nContent-Length: 0\r\n\r\n"
        connection.sendall(head.encode())
        return asked

    with Loopback(refuse) as gateway:
        served.environ["LAUNCHER_URL"] = gateway.url
        health = looked(served)

    assert the(health, "connection").state is State.OK
    assert codes(health, State.PROBLEM) == {"credentials": code}
    assert the(health, "credentials").message.endswith("(request r1)")
    assert the(health, "access_business").state is State.NOT_TESTED


@pytest.mark.parametrize(
    ("guards", "state"),
    [
        ("", State.WARNING),
        ('windows: [{days: [mon], from: "10:00", to: "17:00", timezone: UTC}]', State.PROBLEM),
    ],
)
def test_clocks_that_differ_are_a_problem_where_hours_decide(served, guards, state):
    settings = SETTINGS.format(guards=guards).replace("server: sandbox", "server: remote")
    served.write("launcher.yaml", settings)
    ours = served.surroundings
    late = served.clock.now - timedelta(seconds=200)
    behind = type(ours)(
        **{name: getattr(ours, name) for name in ours.__slots__} | {"now": lambda: late}
    )

    check = the(doctor(served.root, None, behind), "clock")

    assert (check.state, check.code) == (state, "L363")
    assert "3m20s ahead of ours" in check.message
