"""What people do to a running instance: cancel it, answer its confirmation, retry its failed hosts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from launcher.engine.effects import Done, OperationRequest
from launcher.engine.observed import InstanceRef
from launcher.engine.recorded import OperationKind, OutcomeKind
from launcher.engine.spec import Scope
from launcher.errors import ExitCode
from launcher.operations.cancel import cancel
from launcher.operations.confirm import Answer, confirm
from launcher.operations.progress import Observed
from launcher.operations.retry_hosts import retry_hosts
from launcher.operations.server import connect_server
from launcher.operations.site import find_site
from tests.support.command_line import REPOSITORY
from tests.support.failures import fails
from tests.support.pages import Pages
from tests.support.workspaces import Place, a_manifest, a_place

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.operations.operating import Acted

JOURNAL = ".launcher/ledger/sandbox.jsonl"
MIGRATES, APPROVED, FAILS = 1001, 1003, 1004


def heals(place: Place) -> Place:
    """A world in which what always fails does so only once."""
    text = (REPOSITORY / "launcher/sandbox/demo.yaml").read_text()
    failing = '{takes_s: 1, ends: fail, exit_code: 3, log: "no space left on {ip}\\n"}'
    assert failing in text
    world = place.root.parent / "heals.yaml"
    world.write_text(text.replace(failing, failing + ", {takes_s: 1}"))
    place.environ["LAUNCHER_SANDBOX_WORLD"] = str(world)
    return place


def a_launched(root: Path, plan: int, *, seconds: float, heal: bool = False) -> Place:
    """One launch of `plan`, started `seconds` ago and not watched since."""
    place = a_place(root / "workspace", a_manifest(plan=plan))
    if heal:
        heals(place)
    place.apply(wait=False)
    place.clock.sleep(seconds)
    return place


def done(
    place: Place,
    what: str,
    *,
    name: str = "db-migrate",
    environment: str | None = None,
    reason: str = "because",
) -> Acted:
    here, told = place.surroundings, place.heard.append
    match what:
        case "cancel":
            return cancel(
                place.root, environment, name, reason=reason, surroundings=here, progress=told
            )
        case "retry":
            return retry_hosts(
                place.root,
                environment,
                name,
                step=None,
                reason=reason,
                surroundings=here,
                progress=told,
            )
        case _:
            return confirm(
                place.root,
                environment,
                name,
                Answer[what.upper()],
                step=None,
                reason=reason,
                surroundings=here,
                progress=told,
            )


def status(place: Place) -> int:
    found: int = place.instances()[-1]["status"]
    return found


def operations(place: Place) -> list[tuple[str, int]]:
    """What was asked of JOB that is neither a prepare nor a START."""
    return [
        (item["operation"], item["params"]["operation_code"])
        for item in place.requests()
        if item["operation"].startswith("operate_")
        and item["params"]["job_instance_id"] != 1
        and (item["operation"], item["params"]["operation_code"]) != ("operate_job_instance", 2)
    ]


def journal(place: Place, kind: str) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in (place.root / JOURNAL).read_text().splitlines()]
    return [item["data"] for item in events if item["kind"] == kind]


# --- each act -------------------------------------------------------------------------------------


def test_a_running_launch_is_cancelled_on_record_and_on_job(tmp_path):
    place = a_launched(tmp_path, MIGRATES, seconds=1)

    acted = done(place, "cancel", reason="wrong revision")

    assert (acted.attempt.outcome, acted.exit_code) == (OutcomeKind.CANCELLED, ExitCode.DONE)
    assert (status(place), operations(place)) == (11, [("operate_job_instance", 1)])
    assert journal(place, "operating")[0]["reason"] == "wrong revision"
    entry = json.loads((place.root / acted.lockfile).read_text())["launches"]["db-migrate"]
    assert entry["outcome"] == "cancelled"
    assert place.apply().exit_code is ExitCode.JOB_FAILED, "it stays so until somebody asks"
    assert len(place.instances()) == 1


def test_a_launch_that_waits_is_cancelled_without_being_wedged(tmp_path):
    place = a_launched(tmp_path, APPROVED, seconds=5)

    acted = done(place, "cancel")

    assert acted.attempt.outcome is OutcomeKind.CANCELLED
    assert (status(place), operations(place)) == (13, [("operate_step_instance", 9)])


def test_an_instance_that_somebody_wedged_at_its_confirmation_is_freed(tmp_path):
    place = a_launched(tmp_path, APPROVED, seconds=5)
    wedge(place)
    assert status(place) == 10

    done(place, "cancel")

    assert status(place) == 13


def wedge(place: Place) -> None:
    """Terminate it on JOB's own pages while it waits, which launcher never does."""
    server = connect_server(find_site(place.root, None, place.surroundings), 1)
    where = InstanceRef(Scope("biz", "2"), place.instances()[-1]["job_instance_id"])
    request = OperationRequest(where, OperationKind.TERMINATE)
    assert server.operate(request, float("inf")) == Done(None)
    server.close()
    place.clock.sleep(30)


def test_a_confirmation_is_given_and_the_launch_goes_on(tmp_path):
    place = a_launched(tmp_path, APPROVED, seconds=5)

    acted = done(place, "continue")

    assert (acted.step, acted.attempt.outcome) == ("approve", OutcomeKind.RUNNING)
    assert place.apply().exit_code is ExitCode.DONE
    assert (status(place), operations(place)) == (3, [("operate_step_instance", 6)])


def test_a_no_ends_it_and_can_be_taken_back(tmp_path):
    place = a_launched(tmp_path, APPROVED, seconds=5)

    assert done(place, "terminate").attempt.outcome is OutcomeKind.CANCELLED
    assert done(place, "restart").attempt.outcome is OutcomeKind.WAITING
    assert done(place, "continue").attempt.outcome is OutcomeKind.RUNNING
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 1


def test_failed_hosts_are_retried_inside_the_instance_and_the_launch_is_in_sync(tmp_path):
    place = a_launched(tmp_path, FAILS, seconds=30, heal=True)

    acted = done(place, "retry")

    assert (acted.attempt.number, acted.attempt.outcome) == (1, OutcomeKind.RUNNING)
    assert [item.outcome for item in acted.attempt.endings] == [OutcomeKind.FAILED]
    assert place.apply().exit_code is ExitCode.DONE
    assert len(place.instances()) == 1
    assert operations(place) == [("operate_step_instance", 2)]


# --- while an apply waits -------------------------------------------------------------------------


class Interfering(list[Any]):
    """Does something once, when a launch is first seen at an outcome."""

    def __init__(self, at: OutcomeKind, act: Any) -> None:
        super().__init__()
        self.at, self.act = at, act

    def append(self, item: object) -> None:
        super().append(item)
        if isinstance(item, Observed) and item.outcome is self.at and self.act is not None:
            act, self.act = self.act, None
            act()


@pytest.mark.parametrize(
    ("plan", "at", "name", "code", "ends"),
    [
        (APPROVED, OutcomeKind.WAITING, "continue", ExitCode.DONE, OutcomeKind.SUCCEEDED),
        (APPROVED, OutcomeKind.WAITING, "terminate", ExitCode.JOB_FAILED, OutcomeKind.CANCELLED),
        (APPROVED, OutcomeKind.WAITING, "cancel", ExitCode.JOB_FAILED, OutcomeKind.CANCELLED),
        (MIGRATES, OutcomeKind.RUNNING, "cancel", ExitCode.JOB_FAILED, OutcomeKind.CANCELLED),
    ],
)
def test_a_person_acts_while_an_apply_waits_and_the_apply_sees_it_to_its_end(
    tmp_path, plan, at, name, code, ends
):
    place = a_place(tmp_path, a_manifest(plan=plan))
    person = Place(place.root, place.clock, pid=4243)
    acted: list[Acted] = []
    place.heard = Interfering(at, lambda: acted.append(done(person, name)))

    applied = place.apply()

    assert len(acted) == 1
    assert applied.exit_code is code
    assert applied.report is not None
    newest = applied.report.recorded.launches["db-migrate"].newest
    assert (newest.outcome, newest.operation) == (ends, None)
    assert len(place.instances()) == 1


def test_a_person_acts_while_an_apply_holds_the_session_for_what_is_still_to_come(tmp_path):
    place = a_place(
        tmp_path, a_manifest(plan=APPROVED), a_manifest("smoke", plan=1002, needs=["db-migrate"])
    )
    person = Place(place.root, place.clock, pid=4243)
    place.heard = Interfering(OutcomeKind.WAITING, lambda: done(person, "continue"))

    applied = place.apply()

    assert applied.exit_code is ExitCode.DONE
    assert [item["job_plan_id"] for item in place.instances()] == [APPROVED, 1002]


# --- what is refused ------------------------------------------------------------------------------


def test_what_is_prepared_and_not_started_cannot_be_cancelled_and_is_not_started_once_suspended(
    tmp_path,
):
    place = a_place(tmp_path, a_manifest())
    place.arm({"fault": "permission-denied", "when": {"operation": "get_step_instance_detail"}})
    place.apply()
    assert [item["status"] for item in place.instances()] == [1]

    fails(lambda: done(place, "cancel"), "L347")

    assert operations(place) == []
    place.write("plans/m0.yaml", a_manifest(suspend=True))
    place.apply()
    assert [item["starts_accepted"] for item in place.instances()] == [0]


def test_what_has_not_begun_is_not_cancelled(tmp_path):
    place = a_launched(tmp_path, MIGRATES, seconds=0)

    fails(lambda: done(place, "cancel"), "L336")


def test_what_job_refuses_is_said_in_its_words_and_recorded(tmp_path):
    place = a_launched(tmp_path, APPROVED, seconds=5)
    place.arm({"fault": "permission-denied", "when": {"operation": "operate_step_instance"}})

    fails(lambda: done(place, "continue"), "L340")

    (told,) = [item for item in journal(place, "observed") if "operation" in item]
    assert told["operation"] == "refused"
    assert "9900403" in told["message"]
    assert done(place, "continue").sent


def test_who_may_not_confirm_is_told_so_by_job(tmp_path):
    text = (REPOSITORY / "launcher/sandbox/demo.yaml").read_text()
    assert text.count("users: [admin], channels") == 1
    world = tmp_path / "strict.yaml"
    world.write_text(text.replace("users: [admin], channels", "users: [bob], roles: [x], channels"))
    place = a_place(tmp_path / "workspace", a_manifest(plan=APPROVED))
    place.environ["LAUNCHER_SANDBOX_WORLD"] = str(world)
    place.apply(wait=False)
    place.clock.sleep(5)

    error = fails(lambda: done(place, "continue"), "L340")

    assert "Only the confirmer" in error.diagnostics[0].facts["message"]
    assert status(place) == 7


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "answer-lost", "effect": "before"},
        {"fault": "server-error", "status": 504, "effect": "before"},
    ],
)
def test_an_operation_that_was_lost_on_its_way_is_unknown_and_may_be_asked_for_again(
    tmp_path, fault
):
    place = a_launched(tmp_path, APPROVED, seconds=5)
    place.arm({**fault, "when": {"operation": "operate_step_instance"}})

    fails(lambda: done(place, "continue"), "L341", ExitCode.UNKNOWN)

    assert len(operations(place)) == 1
    assert done(place, "continue").sent
    assert place.apply().exit_code is ExitCode.DONE


def test_an_operation_whose_answer_was_lost_is_read_from_what_it_did(tmp_path):
    place = a_launched(tmp_path, APPROVED, seconds=5)
    place.arm(
        {"fault": "answer-lost", "effect": "after", "when": {"operation": "operate_step_instance"}}
    )

    assert done(place, "continue").attempt.outcome is OutcomeKind.RUNNING
    assert len(operations(place)) == 1


def test_an_interrupted_act_stays_pending_and_is_looked_at_before_anything_else_is_sent(tmp_path):
    place = a_launched(tmp_path, APPROVED, seconds=5)
    place.arm({"fault": "answer-lost", "when": {"operation": "operate_step_instance"}})
    place.signal = 15

    queue = {"fault": "queue-down", "when": {"operation": "operate_step_instance"}}
    place.arm(queue)
    acted = done(place, "terminate")

    assert acted.exit_code is ExitCode.TERMINATED
    assert [item.code for item in acted.diagnostics] == ["L349"]
    place.signal = None
    place.arm()
    fails(lambda: done(place, "terminate"), "L341", ExitCode.UNKNOWN)
    assert len(operations(place)) == 1
    assert done(place, "terminate").sent


def test_nothing_is_sent_to_another_server(tmp_path):
    place = a_launched(tmp_path, APPROVED, seconds=5)
    for left in (place.root / ".launcher/sandbox").iterdir():
        left.unlink()

    fails(lambda: done(place, "cancel"), "L435")
    assert operations(place) == []


def test_nothing_is_sent_where_the_ledger_is_lost(tmp_path):
    place = a_launched(tmp_path, APPROVED, seconds=5)
    (place.root / JOURNAL).unlink()

    fails(lambda: done(place, "cancel"), "L430")
    assert operations(place) == []


def test_an_act_needs_a_reason_and_a_launch_that_exists(tmp_path):
    place = a_launched(tmp_path, APPROVED, seconds=5)
    fails(lambda: done(place, "cancel", reason=" "), "L539", ExitCode.USAGE)
    (place.root / "plans/m0.yaml").unlink()
    assert done(place, "cancel").attempt.outcome is OutcomeKind.CANCELLED, "declared or not"
    fails(lambda: done(place, "cancel", name="nobody"), "L523", ExitCode.USAGE)


def test_a_pull_request_operates_on_nothing(tmp_path):
    place = a_place(
        tmp_path,
        workspace="""\
apiVersion: launcher/v1
kind: Workspace
metadata: {name: payments}
spec:
  defaultEnvironment: sandbox
  environments:
    sandbox: {server: sandbox, scope: {type: biz, id: "2"}}
    production: {server: remote, scope: {type: biz, id: "3"}}
""",
    )
    place.environ |= {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "CI": "true"}

    fails(lambda: done(place, "cancel", environment="production"), "L527")


def test_an_act_follows_a_launch_that_is_renamed_while_it_is_carried_out(tmp_path):
    place = a_launched(tmp_path, MIGRATES, seconds=1)
    other = Place(place.root, place.clock, pid=4243)
    renamed: list[ExitCode] = []

    class Hearing(list[Any]):
        def append(self, _: Any) -> None:
            manifest = json.loads(a_manifest("db-move", plan=MIGRATES))
            manifest["metadata"]["renamedFrom"] = "db-migrate"
            place.write("plans/m0.yaml", json.dumps(manifest))
            renamed.append(other.apply(wait=False).exit_code)

    place.heard = Hearing()

    acted = done(place, "cancel")

    assert renamed == [ExitCode.DONE]
    assert (acted.attempt.instance_id, acted.sent) == (
        place.instances()[0]["job_instance_id"],
        True,
    )
    assert acted.attempt.operation is None
    assert (status(place), operations(place)) == (11, [("operate_job_instance", 1)])
    assert place.apply().exit_code is ExitCode.JOB_FAILED
    entry = json.loads((place.root / acted.lockfile).read_text())["launches"]["db-move"]
    assert entry["outcome"] == "cancelled"


def test_a_failure_that_is_held_is_read_again_as_any_other(tmp_path):
    """Somebody has carried on with it on JOB's own pages while the launch is suspended; others need it."""
    again: dict[str, Any] = {"retry": {"maxAttempts": 2, "backoff": "1s"}}
    place = a_place(tmp_path, a_manifest(plan=FAILS, **again))
    heals(place)
    place.apply(wait=False)
    place.clock.sleep(30)
    place.apply(refresh_only=True)
    place.write("plans/m0.yaml", a_manifest(plan=FAILS, suspend=True, **again))
    place.write("plans/m1.yaml", a_manifest("smoke", plan=1002, needs=["db-migrate"]))
    place.apply()
    assert len(place.instances()) == 1, "it is held, and what needs it waits"
    Pages(place).retry_failed_hosts(place.instances()[0]["job_instance_id"])
    place.clock.sleep(30)

    place.apply()

    assert [item["job_plan_id"] for item in place.instances()] == [FAILS, 1002]
