"""Job plans by name, in a sandbox in which they are renamed behind our back."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from launcher.engine.recorded import OutcomeKind
from launcher.errors import ExitCode, RefusedToAct
from launcher.operations.adopt import adopt
from launcher.operations.diff import DiffRequest, diff
from launcher.operations.resolve import resolve
from launcher.render.changeset import render_changeset
from tests.support.guarded import dies
from tests.support.pages import Pages
from tests.support.workspaces import SINGLE_PHASE, Place, a_place

if TYPE_CHECKING:
    from pathlib import Path

WORLD: dict[str, Any] = {
    "id": "names",
    "scopes": [{"type": "biz", "id": "2", "name": "demo"}],
    "users": [{"name": "admin"}],
    "templates": [
        {"id": 500, "scope": "biz/2", "name": "web"},
        {"id": 501, "scope": "biz/2", "name": "database"},
    ],
    "hosts": [{"id": 101, "ip": "10.0.0.11", "scopes": ["biz/2"], "agent_id": "a"}],
    "accounts": [{"id": 4, "name": "root"}],
}


def a_job_plan(plan_id: int, name: str, template: int = 500) -> dict[str, Any]:
    return {
        "id": plan_id,
        "template": template,
        "name": name,
        "variables": [
            {"id": 1, "name": "version", "type": "string", "value": "head"},
            {"id": 2, "name": "LAUNCH_KEY", "type": "string", "value": ""},
        ],
        "steps": [
            {
                "id": 3000,
                "name": "run",
                "type": "script",
                "script": 'echo "${version}"\n',
                "account": 4,
                "targets": {"hosts": [101]},
            }
        ],
    }


def holds(place: Place, *plans: dict[str, Any]) -> None:
    """What JOB holds from now on."""
    place.write("world.json", json.dumps({**WORLD, "plans": list(plans)}))


def a_manifest(
    name: str, plan: dict[str, Any], spec: dict[str, Any] | None = None, **variables: str
) -> str:
    document = {
        "apiVersion": "launcher/v1",
        "kind": "PlanLaunch",
        "metadata": {"name": name},
        "spec": {"plan": plan, "variables": variables, **(spec or {})},
    }
    return json.dumps(document, indent=2)


DEPLOY, MIGRATE = a_job_plan(1000, "Deploy"), a_job_plan(1001, "Migrate", 501)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = a_place(tmp_path, a_manifest("web", {"name": "Deploy"}))
    found.environ["LAUNCHER_SANDBOX_WORLD"] = str(tmp_path / "world.json")
    holds(found, DEPLOY, MIGRATE)
    return found


def asked(place: Place) -> Counter[str]:
    """How often each operation was asked for."""
    return Counter(item["operation"] for item in place.requests())


def codes(place: Place) -> list[str]:
    return [item.code for item in place.diff().changeset.diagnostics]


def test_a_name_is_launched_as_what_it_stands_for_and_recorded_so(place):
    assert place.apply().exit_code is ExitCode.DONE
    (instance,) = place.instances()
    assert instance["job_plan_id"] == 1000
    entry = json.loads((place.root / "locks/sandbox.lock.json").read_text())["launches"]["web"]
    assert entry["plan"]["id"] == 1000
    assert entry["spec"]["plan"] == {"name": "Deploy"}


def test_what_is_in_sync_by_name_asks_nobody(place):
    place.apply()
    before = asked(place)
    holds(place, a_job_plan(1000, "Deploy the old way"), a_job_plan(1005, "Deploy"))
    found = place.diff()
    assert found.changeset.acting == ()
    assert asked(place) == before


def test_a_scope_is_listed_once_for_all_names_and_never_for_ids(place):
    for number in range(3):
        place.write(f"plans/more{number}.yaml", a_manifest(f"web-{number}", {"name": "Deploy"}))
    place.diff()
    found = asked(place)
    assert (found["get_job_plan_list"], found["get_job_template_list"]) == (1, 1)
    assert found["get_job_plan_detail"] == 1


def test_a_list_that_was_made_for_a_name_tells_of_templates_too(place):
    holds(place, {**DEPLOY, "need_update": True}, MIGRATE)
    said = [item.code for item in place.diff().diagnostics]
    assert (said.count("L264"), asked(place)["get_job_plan_list"]) == (1, 1)
    assert asked(place)["get_job_template_list"] == 1


@pytest.mark.parametrize("held", [False, True])
def test_what_a_name_stands_for_is_compared_with_what_ran(place, held):
    place.apply()
    holds(place, {**a_job_plan(1000, "Deploy"), "modifier": "bob", "modified": 1_767_000_060})
    more = {"suspend": True} if held else {}
    place.write("plans/m0.yaml", a_manifest("web", {"name": "Deploy"}, spec=more, version="2"))
    drift = place.diff().changeset.changes[0].drift
    assert drift is not None
    assert (drift.attempt, drift.by, drift.plan.id) == (1, "bob", 1000)


def test_it_is_compared_where_it_ran_by_its_id(place):
    place.write("plans/m0.yaml", a_manifest("web", {"id": 1000}))
    place.apply()
    holds(place, {**a_job_plan(1000, "Deploy"), "modifier": "bob", "modified": 1_767_000_060})
    place.write("plans/m0.yaml", a_manifest("web", {"name": "Deploy"}))
    assert place.diff().changeset.changes[0].drift is not None


def test_another_job_plan_of_that_name_is_told_as_such_and_not_as_a_change(place):
    place.apply()
    holds(place, a_job_plan(1000, "Deploy the old way"), a_job_plan(1005, "Deploy"))
    place.write("plans/m0.yaml", a_manifest("web", {"name": "Deploy"}, version="2"))
    found = place.diff().changeset.changes[0]
    assert (found.drift, found.plan_before) == (None, 1000)


def test_a_name_that_means_nothing_any_more_is_noted_where_the_launch_is_held(place):
    place.apply()
    holds(place, MIGRATE)
    place.write(
        "plans/m0.yaml", a_manifest("web", {"name": "Deploy"}, spec={"suspend": True}, version="2")
    )
    noted = [item for item in place.diff().diagnostics if item.code == "L265"]
    assert [item.facts["what"] for item in noted] == ['Job plan "Deploy" of `web`']


def test_with_ids_alone_nothing_is_listed_to_decide(place):
    place.write("plans/m0.yaml", a_manifest("web", {"id": 1000}))
    place.apply()
    assert not {"get_job_plan_list", "get_job_template_list"} & asked(place).keys()


def test_a_name_that_moved_is_told_where_others_are_read_anyway(place):
    place.apply()
    holds(place, a_job_plan(1000, "Deploy the old way"), a_job_plan(1005, "Deploy"), MIGRATE)
    place.write("plans/new.yaml", a_manifest("db", {"name": "Migrate", "template": "database"}))
    (said,) = place.diff().changeset.diagnostics
    assert (said.code, said.facts["name"], said.facts["now"]) == ("L286", "web", "1005")


def test_a_lockfile_with_a_name_can_be_compared_with(place):
    place.apply()
    found = diff(DiffRequest(place.root, offline=True), place.surroundings)
    assert [str(item.reason) for item in found.changeset.changes] == ["IN_SYNC"]


def test_an_edit_runs_what_the_name_stands_for_now_and_shows_that(place):
    place.apply()
    holds(place, a_job_plan(1000, "Deploy the old way"), a_job_plan(1005, "Deploy"))
    place.write("plans/m0.yaml", a_manifest("web", {"name": "Deploy"}, version="2"))
    text = render_changeset(place.diff().changeset)
    assert "plan.id: 1000 → 1005  (spec)" in text
    assert "the name now means job plan 1005; it ran as 1000" in text
    place.apply()
    assert [item["job_plan_id"] for item in place.instances()] == [1000, 1005]


def test_a_name_of_two_job_plans_starts_nothing_until_its_template_is_named(place):
    holds(place, DEPLOY, a_job_plan(1002, "Deploy", 501))
    assert codes(place) == ["L281"]
    assert place.apply().exit_code is ExitCode.REFUSED
    assert place.instances() == []
    place.write("plans/m0.yaml", a_manifest("web", {"name": "Deploy", "template": "database"}))
    assert place.apply().exit_code is ExitCode.DONE
    assert [item["job_plan_id"] for item in place.instances()] == [1002]


def test_without_a_server_a_job_plan_is_shown_by_its_name(place):
    found = diff(DiffRequest(place.root, offline=True), place.surroundings)
    assert 'job plan "Deploy" in biz 2' in render_changeset(found.changeset)
    assert asked(place) == Counter()


def intended(place: Place) -> list[dict[str, Any]]:
    lines = (place.root / ".launcher/ledger/sandbox.jsonl").read_text().splitlines()
    return [item["data"] for item in map(json.loads, lines) if item["kind"] == "intended"]


@pytest.mark.parametrize("moves", [True, False])
def test_what_takes_the_place_of_what_was_reviewed_is_recorded_under_the_review_of_its_own_job_plan(
    place, moves
):
    place.environ["LAUNCHER_REVIEWED_DIGEST"] = place.diff().changeset.digest
    dies(place, after="read-back")
    del place.environ["LAUNCHER_REVIEWED_DIGEST"]
    if moves:
        holds(place, a_job_plan(1000, "Deploy the old way"), a_job_plan(1005, "Deploy"))
    place.clock.sleep(2 * 3600)
    (change,) = place.diff().changeset.changes

    place.apply()

    first, second = intended(place)
    assert second["plan"]["id"] == (1005 if moves else 1000)
    assert second["change"] == (change.digest if moves else first["change"])
    assert second["because"] == ("REPLACED" if moves else "NEW")


def ran(place: Place) -> int:
    """An instance that somebody else has started."""
    instance = Pages(place, user="admin").run(1000)
    place.clock.sleep(60)
    return instance


def adopted(place: Place, instance: int) -> None:
    adopt(
        place.root, None, "web", instance=instance, reason="mine", surroundings=place.surroundings
    )


def test_an_instance_is_adopted_as_what_the_name_stands_for(place):
    adopted(place, ran(place))
    entry = json.loads((place.root / "locks/sandbox.lock.json").read_text())["launches"]["web"]
    assert entry["plan"]["id"] == 1000


def test_an_instance_of_a_namesake_in_another_template_is_not_adopted(place):
    holds(place, DEPLOY, a_job_plan(1002, "Deploy", 501))
    place.write("plans/m0.yaml", a_manifest("web", {"name": "Deploy", "template": "database"}))
    instance = ran(place)
    with pytest.raises(RefusedToAct) as refused:
        adopted(place, instance)
    (said,) = refused.value.diagnostics
    assert (said.code, said.facts["found"]) == ("L561", "Deploy (job plan 1000)")
    place.write("plans/m0.yaml", a_manifest("web", {"name": "Deploy", "template": "web"}))
    adopted(place, instance)


def resolved(place: Place, instance: int) -> OutcomeKind:
    done = resolve(
        place.root, None, "web", ran=instance, reason="looked", surroundings=place.surroundings
    )
    return done.outcome


def test_what_ran_is_not_resolved_as_an_instance_of_a_namesake_in_another_template(place):
    place.write("launcher.yaml", SINGLE_PHASE)
    place.write("plans/m0.yaml", a_manifest("web", {"name": "Deploy", "template": "web"}))
    holds(place, DEPLOY, a_job_plan(1002, "Deploy", 501))
    place.arm(
        {"fault": "older-server", "times": "always"},
        {"fault": "answer-lost", "when": {"operation": "execute_job_plan", "plan": 1000}},
    )
    assert place.apply().exit_code is ExitCode.UNKNOWN
    (ours,) = [item["job_instance_id"] for item in place.instances()]
    theirs = Pages(place, user="admin").run(1002)
    place.clock.sleep(60)

    with pytest.raises(RefusedToAct) as refused:
        resolved(place, theirs)

    (said,) = refused.value.diagnostics
    assert (said.code, said.facts["found"]) == ("L561", "Deploy (job plan 1002)")
    assert resolved(place, ours) is OutcomeKind.SUCCEEDED


def test_nothing_is_adopted_as_a_name_of_two_job_plans(place):
    instance = ran(place)
    holds(place, DEPLOY, a_job_plan(1002, "Deploy", 501))
    with pytest.raises(RefusedToAct) as refused:
        adopted(place, instance)
    assert [item.code for item in refused.value.diagnostics] == ["L281"]
