"""Manifests held against the job plans that JOB holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed, WrongUsage
from launcher.operations.validate_online import Asked, validate_online
from tests.support.saving import an_editor
from tests.support.workspaces import Place, a_manifest, a_place

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.operations.validate import Validated

WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {name: payments}
spec:
  marker: LAUNCH_KEY
  defaultEnvironment: sandbox
  environments:
    sandbox:
      server: sandbox
      scope: {type: biz, id: "2"}
      allowedScopes: [{type: biz, id: "1"}, {type: biz, id: "7"}]
    documented: {server: sandbox, scope: {type: biz, id: "1"}}
    production: {server: remote, scope: {type: biz, id: "3"}}
"""
CHANGING = {"execute_job_plan", "operate_job_instance", "operate_step_instance"}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return a_place(tmp_path, a_manifest(), workspace=WORKSPACE)


def online(place: Place, *paths: str, environment: str | None = None) -> tuple[Validated, Asked]:
    found, asked = validate_online(place.root, paths, environment, place.surroundings)
    assert asked is not None
    return found, asked


def told(place: Place, **asked: Any) -> list[tuple[str, str, int, int]]:
    """Code, file, line and column of what is found."""
    return [
        (item.code, item.place.path, item.place.span.line, item.place.span.column)
        for item in online(place, **asked)[0].diagnostics
        if item.place is not None and item.place.span is not None
    ]


def down(operation: str) -> dict[str, Any]:
    return {"fault": "server-error", "when": {"operation": operation}, "times": "always"}


def test_what_the_job_plan_takes_is_fine(place):
    found, asked = online(place)
    assert found.diagnostics == ()
    assert asked == Asked("sandbox", launches=1, job_plans=1, failures=())


def test_everything_that_the_job_plans_say_is_told_with_line_and_column(place):
    place.write(
        "plans/web.yaml",
        """\
apiVersion: launcher/v1
kind: PlanLaunch
metadata: {name: web}
spec:
  plan: {name: Deploy web, template: web}
  variables:
    package_version: ""
    db_password: plain
    targets: {secret: {env: TARGETS, version: "1"}}
    features: metrics
    old: "1"
""",
    )
    place.write("plans/gone.yaml", a_manifest("gone", plan=9999))
    place.write(
        "plans/name.yaml", a_manifest("name").replace('"id": 1001', '"name": "Migrate databse"')
    )
    assert told(place) == [
        ("L221", "plans/gone.yaml", 8, 13),
        ("L280", "plans/name.yaml", 8, 13),
        ("L288", "plans/web.yaml", 7, 22),
        ("L225", "plans/web.yaml", 8, 18),
        ("L292", "plans/web.yaml", 8, 18),
        ("L224", "plans/web.yaml", 9, 14),
        ("L292", "plans/web.yaml", 10, 15),
        ("L293", "plans/web.yaml", 10, 15),
        ("L222", "plans/web.yaml", 11, 5),
    ]


def test_a_job_plan_that_is_not_the_pinned_one_is_an_error_at_the_pin(place):
    pin = {"digest": "v1:sha256:" + "0" * 64}
    place.write("plans/m0.yaml", a_manifest(pin=pin))
    (found,) = online(place)[0].diagnostics
    assert found.place is not None
    assert (found.code, found.place.pointer) == ("L263", ("spec", "pin"))


def test_job_plans_behind_their_templates_are_warned_of_by_one_list(place):
    editor = an_editor(place)
    editor.replace(1000, ("name: Deploy web\n", "name: Deploy web\n    need_update: true\n"))
    variables = {"package_version": "1", "targets": {"hosts": {"ids": [101]}}}
    place.write("plans/web.yaml", a_manifest("web", plan=1000, variables=variables))
    named = a_manifest("named", plan=1000, variables=variables)
    place.write("plans/named.yaml", named.replace('"id": 1000', '"name": "Deploy web"'))
    found, asked = online(place)
    assert [(item.code, item.facts["name"]) for item in found.diagnostics] == [
        ("L264", "named"),
        ("L264", "web"),
    ]
    assert asked.failures == ()
    lists = [item for item in place.requests() if item["operation"] == "get_job_plan_list"]
    assert len(lists) == 1


def test_a_list_that_cannot_be_read_is_a_warning(place):
    place.arm(down("get_job_plan_list"))
    found, asked = online(place)
    assert [item.code for item in found.diagnostics] == ["L265"]
    assert asked.failures == ()


def test_a_job_plan_is_read_once_for_all_launches_and_nothing_is_changed(place):
    for number in range(5):
        place.write(f"plans/more{number}.yaml", a_manifest(f"more-{number}"))
    _, asked = online(place)
    assert (asked.launches, asked.job_plans) == (6, 1)
    operations = [item["operation"] for item in place.requests()]
    assert operations.count("get_job_plan_detail") == 1
    assert place.instances() == []
    # What proves that the account is let in can run nothing, and is no launch of anything.
    assert len([item for item in operations if item in CHANGING]) == 3


def test_no_secret_is_needed_and_no_ledger_written(place):
    secret = {"db_password": {"secret": {"env": "DB_PASSWORD", "version": "1"}}}
    values = {"package_version": "1", **secret}
    place.write("plans/web.yaml", a_manifest("web", plan=1000, variables=values))
    before = {path for path in place.root.rglob("*") if path.is_file()}
    assert [item.code for item in online(place)[0].diagnostics] == ["L292"]
    made = {path for path in place.root.rglob("*") if path.is_file()} - before
    assert {path.parent.name for path in made} == {"sandbox"}
    assert "db_password" not in json.dumps(place.requests())


def test_only_launches_of_the_environment_are_held_against_its_job_plans(place):
    place.write(
        "plans/m1.yaml",
        json.dumps(
            json.loads(a_manifest("documented", plan=100)) | {"environments": {"documented": {}}}
        ),
    )
    assert online(place)[1].launches == 1
    found, asked = online(place, environment="documented")
    assert found.diagnostics == ()
    assert asked == Asked("documented", launches=1, job_plans=1, failures=())


def test_with_paths_only_their_launches_are_held_against_job_plans(place):
    place.write("plans/gone.yaml", a_manifest("gone", plan=9999))
    assert online(place, "plans/m0.yaml")[0].diagnostics == ()
    assert online(place, "plans/m0.yaml")[1].launches == 1
    assert [item.code for item in online(place, "plans/gone.yaml")[0].diagnostics] == ["L221"]
    assert online(place, ".")[1].launches == 2
    assert online(place, "launcher.yaml")[1].launches == 2


def test_job_is_not_asked_while_something_is_wrong_offline(place):
    place.write("plans/m1.yaml", "kind: PlanLaunch\n")
    found, asked = validate_online(place.root, (), None, place.surroundings)
    assert asked is None
    assert found.diagnostics
    assert place.requests() == []


def test_nor_while_something_that_was_not_named_is_wrong(place):
    place.write("plans/m1.yaml", "kind: PlanLaunch\n")
    found, asked = validate_online(place.root, ("plans/m0.yaml",), None, place.surroundings)
    assert (found.diagnostics, asked) == ((), None)
    place.write("launcher.yaml", "kind: Workspace\n")
    found, asked = validate_online(place.root, (), None, place.surroundings)
    assert found.diagnostics
    assert asked is None


def test_a_scope_that_lets_nobody_in_is_told_once_and_its_launches_are_left_out(place):
    scope = {"type": "biz", "id": "7"}
    for number in range(3):
        place.write(f"plans/x{number}.yaml", a_manifest(f"x-{number}", scope=scope))
    found, asked = online(place)
    assert found.diagnostics == ()
    assert (asked.launches, [item.code for item in asked.failures]) == (1, ["L295"])
    assert asked.failures[0].hint == "refused"


def test_a_server_that_does_not_answer_is_no_fault_of_the_manifests(place):
    place.arm(down("operate_job_instance"))
    found, asked = online(place)
    assert found.diagnostics == ()
    assert (asked.launches, [item.code for item in asked.failures]) == (0, ["L295"])


@pytest.mark.parametrize("fault", ["server-error", "rate-limited"])
def test_a_job_plan_that_could_not_be_asked_for_is_told_once(place, fault):
    place.write("plans/m1.yaml", a_manifest("more"))
    place.arm({**down("get_job_plan_detail"), "fault": fault})
    found, asked = online(place)
    assert found.diagnostics == ()
    assert [(item.code, item.facts["plan"]) for item in asked.failures] == [("L296", "1001")]


def test_a_job_plan_that_the_account_may_not_see_is_told_with_the_permission(place):
    place.arm(
        {**down("get_job_plan_detail"), "fault": "permission-denied", "action": "view_job_plan"}
    )
    (found,) = online(place)[0].diagnostics
    assert found.code == "L221"
    assert "missing permission view_job_plan" in found.facts["message"]


def test_a_server_that_starts_at_once_is_told_once_unless_that_is_allowed(place):
    place.write("plans/m1.yaml", a_manifest("other", plan=100, scope={"type": "biz", "id": "1"}))
    place.arm({"fault": "older-server", "times": "always"})
    found, asked = online(place)
    assert found.diagnostics == ()
    assert (asked.launches, [item.code for item in asked.failures]) == (2, ["L231"])
    allowed = 'id: "7"}]\n      guards: {allowSinglePhase: true}'
    place.write("launcher.yaml", WORKSPACE.replace('id: "7"}]', allowed))
    assert online(place)[1].failures == ()


def test_without_an_address_nothing_is_asked(place):
    with pytest.raises(SurroundingsFailed):
        online(place, environment="production")
    with pytest.raises(WrongUsage):
        online(place, environment="nowhere")


def test_a_problem_in_a_default_is_told_in_the_workspace_file(place):
    place.write(
        "launcher.yaml",
        WORKSPACE.replace("  marker:", '  defaults: {variables: {tpyo: "1"}}\n  marker:'),
    )
    (found,) = online(place)[0].diagnostics
    assert isinstance(found, Diagnostic)
    assert found.place is not None
    assert (found.code, found.place.path) == ("L222", "launcher.yaml")
