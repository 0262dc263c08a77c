"""Job plans that somebody changes between two launches, as a diff shows it."""

from __future__ import annotations

import json

import jsonschema
import pytest

from launcher.engine.changeset import Action, Change, Reason
from launcher.engine.drift import Drift, Found, Kind, Since
from launcher.errors import ExitCode
from launcher.operations.ledger import restore
from launcher.render import documents
from launcher.render.changeset import render_changeset
from launcher.render.schema import schema_files
from tests.support.saving import Editor, an_editor
from tests.support.workspaces import Place, a_manifest, a_place

WEB = {"targets": {"hosts": {"ids": [101]}}}
JOURNAL = ".launcher/ledger/sandbox.jsonl"


def web(version: str = "1.4.2", name: str = "web-deploy", **more) -> str:
    return a_manifest(name, plan=1000, variables={"package_version": version, **WEB}, **more)


@pytest.fixture
def place(tmp_path) -> Place:
    """A workspace whose one launch has run."""
    found = a_place(tmp_path, web())
    an_editor(found)
    assert found.apply().exit_code is ExitCode.DONE
    return found


@pytest.fixture
def editor(place) -> Editor:
    return Editor(place.root / ".launcher/world.yaml")


def change(place: Place, name: str = "web-deploy", **asked) -> Change:
    found = place.diff(**asked).changeset.change(name)
    assert found is not None
    return found


def drift(place: Place, name: str = "web-deploy", **asked) -> Drift:
    found = change(place, name, **asked).drift
    assert found is not None
    return found


def told(place: Place) -> list[tuple[str, Kind, str | None]]:
    return [(item.name, item.kind, item.field) for item in drift(place).differences]


def asked(place: Place, operation: str) -> int:
    return sum(item["operation"] == operation for item in place.requests())


CIPHER = ("db_password", Kind.HIDDEN, "default")


def test_a_diff_tells_who_changed_the_job_plan_and_what(place, editor):
    editor.save(script="systemctl reload web", channel="value: beta")
    place.write("plans/m0.yaml", web("1.4.3"))

    found = drift(place)

    assert (found.by, found.since, found.attempt) == ("bob", Since.RAN, 1)
    assert found.found is Found.COMPARED
    assert told(place) == [
        ("restart", Kind.CHANGED, "script"),
        CIPHER,
        ("release_channel", Kind.CHANGED, "default"),
    ]
    shown = render_changeset(place.diff().changeset)
    assert (
        "was changed by bob at 2025-12-29T09:21:00Z, since it last ran here (attempt 1):" in shown
    )
    assert '          2 - systemctl restart web --version "$1"\n' in shown
    assert "          2 + systemctl reload web\n" in shown
    assert 'variable release_channel: default "stable" → "beta"' in shown


def test_the_answer_in_json_holds_it_as_its_schema_says(place, editor):
    editor.save(script="systemctl reload web")
    place.write("plans/m0.yaml", web("1.4.3"))

    data = documents.changeset(place.diff().changeset, every=True)

    jsonschema.validate(data, json.loads(schema_files()["diff-v1.json"]))
    (one,) = data["changes"]
    assert one["drift"]["by"] == "bob"
    assert one["drift"]["after"] == one["plan"]["digest"] != one["drift"]["before"]
    assert {"sign": "+", "line": 2, "text": "systemctl reload web"} in one["drift"]["differences"][
        0
    ]["lines"]


def test_without_a_change_there_is_no_drift(place):
    place.write("plans/m0.yaml", web("1.4.3"))

    assert change(place).drift is None


def test_a_launch_that_is_in_sync_asks_nobody_and_shows_nothing(place, editor):
    editor.save(channel="value: beta")
    before = place.requests()

    found = change(place)

    assert (found.action, found.drift) == (Action.NONE, None)
    assert place.requests() == before


def test_the_first_launch_of_a_name_has_nothing_to_compare_with(place, editor):
    editor.save(channel="value: beta")
    place.write("plans/m1.yaml", web(name="other"))

    assert change(place, "other").drift is None


def test_saving_it_again_is_told_as_such(place, editor):
    editor.save()
    place.write("plans/m0.yaml", web("1.4.3"))

    assert drift(place).found is Found.NOTHING_SHOWN
    shown = render_changeset(place.diff().changeset)
    assert "(attempt 1); nothing that JOB shows has changed:" in shown


def test_the_plain_text_of_parameters_that_became_sensitive_is_not_shown_again(place, editor):
    editor.replace(
        1000, ("param: ${package_version}", "param: --token hunter2\n        param_sensitive: true")
    )
    place.write("plans/m0.yaml", web("1.4.3"))

    assert ("restart", Kind.HIDDEN, "parameters") in told(place)
    shown = render_changeset(place.diff().changeset)
    assert "parameters not shown; sensitive now, plain before; changed or not: unknown" in shown
    assert "${package_version}" not in shown
    assert place.apply().exit_code is ExitCode.DONE
    assert "hunter2" not in (place.root / JOURNAL).read_text() + shown


def test_control_characters_of_a_script_are_made_visible(place, editor):
    editor.save(script="echo \u202e hidden; echo ::error::x")
    place.write("plans/m0.yaml", web("1.4.3"))

    shown = render_changeset(place.diff().changeset)

    assert r"echo \u202e hidden; echo :\u003aerror:\u003ax" in shown
    assert "\u202e" not in shown


def test_the_change_that_was_launched_is_what_the_next_one_is_compared_with(place, editor):
    editor.save(channel="value: beta")
    place.write("plans/m0.yaml", web("1.4.3"))
    assert place.apply().exit_code is ExitCode.DONE
    place.write("plans/m0.yaml", web("1.4.4"))

    assert change(place).drift is None
    editor.replace(1000, ("value: beta", "value: gamma"))
    (item,) = [item for item in drift(place).differences if item.kind is Kind.CHANGED]
    assert (drift(place).attempt, item.before, item.after) == (2, "beta", "gamma")


def test_another_job_plan_is_no_change_of_the_job_plan(place, editor):
    editor.save(channel="value: beta")
    place.write("plans/m0.yaml", a_manifest("web-deploy", plan=1001))

    assert change(place).drift is None


def test_what_is_held_shows_what_it_will_run(place, editor):
    editor.save(channel="value: beta")
    place.write("plans/m0.yaml", web("1.4.3", suspend=True))

    found = change(place)

    assert (found.reason, found.drift is not None) == (Reason.SUSPENDED, True)
    assert found.digest == change(place, offline=True).digest, "it is shown, not covered"


def test_what_is_held_and_cannot_be_read_is_noted_and_stops_nothing(place):
    place.write("plans/m0.yaml", web("1.4.3", suspend=True))
    place.arm(
        {"fault": "server-error", "times": "always", "when": {"operation": "get_job_plan_detail"}}
    )

    found = place.diff()

    assert found.changeset.changes[0].drift is None
    assert "L265" in [item.code for item in found.diagnostics]


def test_an_older_record_says_only_that_it_changed(place, editor):
    """A ledger that was restored from a lockfile knows digests, not contents."""
    (place.root / JOURNAL).unlink()
    restore(place.root, None, reason="lost", surroundings=place.surroundings)
    editor.save(channel="value: beta")
    place.write("plans/m0.yaml", web("1.4.3"))

    assert drift(place).found is Found.NOT_KEPT
    shown = render_changeset(place.diff().changeset)
    assert "what changed is not known: the ledger does not hold the content of then." in shown
    assert place.apply().exit_code is ExitCode.DONE
    editor.replace(1000, ("value: beta", "value: gamma"))
    place.write("plans/m0.yaml", web("1.4.4"))
    assert drift(place).found is Found.COMPARED


def test_offline_nobody_is_asked_and_no_drift_is_shown(place, editor):
    editor.save(channel="value: beta")
    place.write("plans/m0.yaml", web("1.4.3"))

    assert change(place, offline=True).drift is None


def test_why_tells_it_too(place, editor):
    editor.save(channel="value: beta")
    place.write("plans/m0.yaml", web("1.4.3"))

    found = place.why("web-deploy")

    assert found.change.drift == drift(place)


def test_an_apply_shows_it_before_it_asks(place, editor):
    editor.save(channel="value: beta")
    place.write("plans/m0.yaml", web("1.4.3"))
    shown: list[bool] = []

    def decline(changeset):
        shown.extend(item.drift is not None for item in changeset.changes)
        return False

    place.apply(decline)

    assert shown == [True]


# --- templates that have moved on -------------------------------------------------------------

BEHIND = ("name: Deploy web\n", "name: Deploy web\n    need_update: true\n")


def warnings(place: Place) -> list[str]:
    return [item.code for item in place.diff().diagnostics if item.code in ("L264", "L265")]


def test_a_job_plan_behind_its_template_is_a_warning_for_what_would_run_it(place, editor):
    editor.replace(1000, BEHIND)
    before = asked(place, "get_job_plan_list")

    assert warnings(place) == []
    assert asked(place, "get_job_plan_list") == before
    place.write("plans/m0.yaml", web("1.4.3"))
    place.write("plans/m1.yaml", web(name="other"))
    place.write("plans/m2.yaml", a_manifest(plan=1001))

    assert warnings(place) == ["L264", "L264"]
    assert asked(place, "get_job_plan_list") == before + 1
    assert place.apply().exit_code is ExitCode.DONE


def test_a_list_that_cannot_be_read_is_noted_and_stops_nothing(place):
    place.write("plans/m0.yaml", web("1.4.3"))
    place.arm(
        {"fault": "server-error", "times": "always", "when": {"operation": "get_job_plan_list"}}
    )

    assert warnings(place) == ["L265"]
    assert change(place).action is Action.LAUNCH
