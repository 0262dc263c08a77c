"""Manifests written for job plans: what applying them sends, and what is never written over."""

from __future__ import annotations

import json

import pytest

from launcher.errors import ExitCode, SurroundingsFailed
from launcher.operations.fmt import fmt
from launcher.operations.import_plans import ImportRequest, import_plans
from launcher.operations.validate import validate
from tests.support.command_line import REPOSITORY
from tests.support.failures import fails
from tests.support.workspaces import Place, a_manifest, a_place

WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata:
  name: payments
spec:
  defaultEnvironment: staging
  marker: LAUNCH_KEY
  environments:
    staging:
      server: sandbox
      scope: {type: biz, id: "2"}
    production:
      server: sandbox
      scope: {type: biz, id: "3"}
    documented:
      server: sandbox
      scope: {type: biz, id: "1"}
"""
DEMO = REPOSITORY / "launcher/sandbox/demo.yaml"
ENVIRONMENTS = ("staging", "production", "documented")


@pytest.fixture
def place(tmp_path) -> Place:
    return a_place(tmp_path / "payments", workspace=WORKSPACE)


def imported(place: Place, *plans: str, **asked):
    return import_plans(ImportRequest(place.root, plans, **asked), place.surroundings)


def frozen(place: Place, environment: str):
    """By job plan, what each instance will run with, the launch's own mark apart."""
    found: dict[int, list[object]] = {}
    for item in place.instances(environment):
        texts = {name: value for name, value in item["variables"].items() if name != "LAUNCH_KEY"}
        found.setdefault(item["job_plan_id"], []).append((texts, item["hosts"]))
    return found


def test_applying_every_job_plan_of_the_demo_world_sends_what_its_defaults_say(place):
    count = 0
    for environment in ENVIRONMENTS:
        done = imported(place, "*", environment=environment)
        for item in done.plans:
            count += 1
            given = dict.fromkeys(item.unfilled, "1.4.2")
            path = place.root / item.path
            text = path.read_text()
            for name in item.unfilled:
                text = text.replace(f'{name}: ""', f'{name}: "1.4.2"')
            path.write_text(text)
            bare = json.loads(a_manifest(f"bare-{item.id}", plan=item.id, variables=given))
            bare["environments"] = {environment: {}}
            place.write(f"plans/bare/{item.id}.yaml", json.dumps(bare, indent=2))
    assert validate(place.root).diagnostics == ()
    for environment in ENVIRONMENTS:
        place.apply(environment=environment, wait=False)
        for plan, (one, other) in frozen(place, environment).items():
            assert one == other, plan
    assert count == 7


def test_what_is_written_is_valid_and_laid_out(place):
    for environment in ENVIRONMENTS:
        imported(place, "*", environment=environment)
    assert validate(place.root).diagnostics == ()
    assert not any(item.changed for item in fmt(place.root, (), "check").files)


def test_nothing_is_started_and_nothing_is_recorded(place):
    imported(place, "*")
    assert place.instances("staging") == []
    assert not (place.root / ".launcher/ledger").exists()
    assert not (place.root / "locks").exists()


def paths(done):
    return [(item.path, item.written) for item in done.plans]


def test_a_manifest_that_is_there_is_kept_and_another_job_plan_of_that_name_gets_its_id(place):
    assert paths(imported(place, "Deploy web")) == [("plans/deploy-web.yaml", True)]
    place.write(
        "plans/deploy-web.yaml", (place.root / "plans/deploy-web.yaml").read_text() + "# mine\n"
    )
    assert paths(imported(place, "1000")) == [("plans/deploy-web.yaml", False)]
    for written in (True, False):
        done = imported(place, "Deploy web", environment="production")
        assert paths(done) == [("plans/deploy-web-2000.yaml", written)]
    assert "# mine" in (place.root / "plans/deploy-web.yaml").read_text()
    assert paths(imported(place, "1000", force=True)) == [("plans/deploy-web.yaml", True)]
    assert "# mine" not in (place.root / "plans/deploy-web.yaml").read_text()


def test_a_manifest_that_was_moved_is_found_where_it_is(place):
    imported(place, "1000")
    (place.root / "plans/web").mkdir()
    (place.root / "plans/deploy-web.yaml").rename(place.root / "plans/web/deploy.yaml")
    assert paths(imported(place, "1000")) == [("plans/web/deploy.yaml", False)]
    assert paths(imported(place, "1000", force=True)) == [("plans/web/deploy.yaml", True)]
    text = (place.root / "plans/web/deploy.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=../../schemas/planlaunch-v1.json\n")


def test_a_file_of_another_kind_in_the_way_keeps_everything_from_being_written(place):
    place.write("plans/smoke-test.yaml", "notes: mine\n")
    fails(lambda: imported(place, "*"), "L555", ExitCode.SURROUNDINGS)
    assert [item.name for item in (place.root / "plans").iterdir()] == ["smoke-test.yaml"]
    assert (place.root / "plans/smoke-test.yaml").read_text() == "notes: mine\n"


def test_a_link_that_leads_nowhere_is_not_written_through(place, tmp_path):
    (place.root / "plans").mkdir()
    (place.root / "plans/smoke-test.yaml").symlink_to(tmp_path / "elsewhere")
    fails(lambda: imported(place, "1002"), "L555", ExitCode.SURROUNDINGS)
    imported(place, "1002", force=True)
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_leads_out_of_the_workspace_is_refused(place, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (place.root / "plans").symlink_to(tmp_path / "elsewhere")
    fails(lambda: imported(place, "1002"), "L541", ExitCode.SURROUNDINGS)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_launch_gets_the_name_that_it_is_given(place):
    done = imported(place, "1002", name="probe")
    assert paths(done) == [("plans/probe.yaml", True)]
    assert "  name: probe\n" in (place.root / "plans/probe.yaml").read_text()
    fails(lambda: imported(place, "*", name="probe"), "L556", ExitCode.USAGE)
    fails(lambda: imported(place, "1002", name="Probe"), "L557", ExitCode.USAGE)


def test_manifests_go_where_the_workspace_has_them(tmp_path):
    workspace = WORKSPACE.replace("spec:\n", "spec:\n  manifests: [launches/own/*/*.yml, x.yaml]\n")
    place = a_place(tmp_path / "payments", workspace=workspace)
    done = imported(place, "1002")
    assert paths(done) == [("launches/own/smoke-test.yaml", True)]
    assert [item.code for item in done.diagnostics] == ["L578"]


def test_a_folder_can_be_chosen(place):
    done = imported(place, "1002", out="plans/web")
    assert (paths(done), done.diagnostics) == ([("plans/web/smoke-test.yaml", True)], ())
    assert [item.code for item in imported(place, "1001", out="docs").diagnostics] == ["L578"]
    fails(lambda: imported(place, "1001", out=".."), "L540", ExitCode.USAGE)


def test_shown_is_not_written(place):
    done = imported(place, "1002", dry=True)
    assert "name: smoke-test\n" in done.plans[0].text
    assert not (place.root / "plans").exists()


def test_each_job_plan_is_taken_once_and_in_the_order_asked_for(place):
    done = imported(place, "Smoke test", "1001", "S*", dry=True)
    assert [item.id for item in done.plans] == [1002, 1001]


def test_an_unknown_name_and_an_unknown_id_are_told(place):
    fails(lambda: imported(place, "Deploi web"), "L574", ExitCode.USAGE)
    error = fails(lambda: imported(place, "1002", "4711"), "L576", ExitCode.SURROUNDINGS)
    assert error.diagnostics[0].facts["what"] == "Job plan 4711"
    fails(lambda: imported(place, "2000"), "L576", ExitCode.SURROUNDINGS)
    assert not (place.root / "plans").exists()


def test_unknown_names_and_ids_are_told_together_and_what_fits_is_not_read_for_it(place):
    with pytest.raises(SurroundingsFailed) as caught:
        imported(place, "Deploi web", "4711", "S*", "4712", "Nobody")

    assert [item.code for item in caught.value.diagnostics] == ["L574", "L574", "L576", "L576"]
    operations = [item["operation"] for item in place.requests("staging")]
    assert operations.count("get_job_plan_detail") == 2


def test_a_name_that_two_templates_use_needs_an_id(place, tmp_path):
    text = DEMO.read_text().replace("name: Smoke test", "name: Deploy web")
    world = tmp_path / "world.yaml"
    world.write_text(text)
    place.environ["LAUNCHER_SANDBOX_WORLD"] = str(world)
    error = fails(lambda: imported(place, "Deploy web"), "L575", ExitCode.USAGE)
    assert error.diagnostics[0].facts["ids"] == "1000, 1002"
    assert paths(imported(place, "D*y web")) == [
        ("plans/deploy-web.yaml", True),
        ("plans/deploy-web-1002.yaml", True),
    ]


def test_a_job_plan_that_holds_more_than_a_manifest_may_is_told(place, tmp_path):
    # Each of the two could be said.
    long = "x" * 600_000
    text = DEMO.read_text().replace("value: stable", f"value: {long}")
    text = text.replace('value: "", required: true', f"value: {long}, required: true")
    world = tmp_path / "world.yaml"
    world.write_text(text)
    place.environ["LAUNCHER_SANDBOX_WORLD"] = str(world)
    fails(lambda: imported(place, "Deploy web"), "L112", ExitCode.INVALID)
    assert not (place.root / "plans/deploy-web.yaml").exists()


def test_a_server_that_gives_no_answer_writes_nothing(place):
    imported(place, "1002", dry=True)
    fault = {"fault": "server-error", "when": {"operation": "get_job_plan_list"}, "times": "always"}
    place.arm(fault, environment="staging")
    fails(lambda: imported(place, "*"), "L579", ExitCode.SURROUNDINGS)
    assert not (place.root / "plans").exists()
