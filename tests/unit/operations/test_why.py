"""`why` answers for every reason there is, each met for real, with what would unblock it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import jsonschema
import pytest

from launcher.engine.changeset import Action, Reason
from launcher.engine.events import Kind
from launcher.engine.recorded import OutcomeKind
from launcher.errors import WrongUsage
from launcher.operations.cancel import cancel
from launcher.operations.confirm import Answer, confirm
from launcher.operations.record import open_ledger
from launcher.operations.site import find_site
from launcher.operations.why import Kept, why
from launcher.render import status_data
from launcher.render.changeset import render_changeset
from launcher.render.schema import schema_files
from launcher.render.why import render_archived, render_why
from tests.support.guarded import SETTINGS, dies
from tests.support.pages import FAILS_ONCE, Pages, fails_once
from tests.support.workspaces import a_manifest, a_place

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NAME = "db-migrate"


def guard(place, text):
    place.write("launcher.yaml", SETTINGS.format(guards=text))


def edit(place, **fields):
    place.write("plans/m0.yaml", a_manifest(**fields))


def rename(place, **metadata):
    text = a_manifest("renamed").replace(
        '"name": "renamed"',
        ", ".join(f'"{key}": "{value}"' for key, value in {"name": "renamed", **metadata}.items()),
    )
    place.write("plans/m0.yaml", text)


# --- how each reason comes about ------------------------------------------------------------------


def unknown(place):
    place.diff()
    place.arm(
        {
            "fault": "answer-lost",
            "effect": "after",
            "when": {"operation": "operate_job_instance", "plan": 1001},
        },
    )
    place.apply(wait=False)
    place.arm({"fault": "purge", "when": {"operation": "get_job_instance_status"}})
    place.clock.sleep(60)
    place.apply()


def running(place):
    place.apply(wait=False)


def waiting(place):
    edit(place, plan=1003)
    place.apply(wait=False)
    place.clock.sleep(60)
    place.apply(wait=False)


def stuck(place):
    place.diff()
    place.arm({"fault": "start-stuck", "when": {"operation": "operate_job_instance", "plan": 1001}})
    place.apply(wait=False)
    place.clock.sleep(3600)


def busy(place):
    waiting(place)
    edit(place, plan=1002)


def deleted(place):
    place.apply()
    (place.root / "plans/m0.yaml").unlink()


def renamed(place):
    place.apply()
    rename(place, renamedFrom=NAME)
    return "renamed"


def looks_renamed(place):
    place.apply()
    rename(place)
    return "renamed"


def revision_lowered(place):
    edit(place, revision=3)
    place.apply()
    edit(place, revision=2)


def edited(place):
    edit(place, trigger="once")
    place.apply()
    edit(place, trigger="once", variables={"revision": "7"})


def in_sync(place):
    place.apply()


def manual(place):
    edit(place, trigger="manual")


def superseded(place):
    place.apply()
    edit(place, variables={"revision": "7"})
    dies(place, after="read-back")
    edit(place)


def failed(place):
    edit(place, plan=1004)
    place.apply()


def refused(place):
    edit(place, plan=1002, variables={"url": "http://127.0.0.1/"})
    place.diff()
    place.arm(
        {
            "fault": "permission-denied",
            "action": "launch_job_plan",
            "when": {"operation": "execute_job_plan", "plan": 1002},
        }
    )
    place.apply()


def needs(place):
    edit(place, plan=1004)
    place.write("plans/m1.yaml", a_manifest("after", plan=1002, needs=[NAME]))
    place.apply()
    return "after"


def suspended(place):
    edit(place, suspend=True)


def freeze(place):
    guard(place, "freezes: [{from: 2026-11-20, to: 2026-11-25, timezone: UTC, reason: audit}]")


def window(place):
    guard(place, "windows: [{days: [mon], from: '10:00', to: '17:00', timezone: UTC}]")


def not_before(place):
    edit(place, notBefore="2027-01-01T00:00:00Z")


def unreviewed(place):
    guard(place, "requireReviewedDigest: true")


def by_guard(place):
    guard(place, "allowedPlans: [1]")


def prepared(place):
    dies(place, after="read-back")


def replaced(place):
    prepared(place)
    place.clock.sleep(7200)


def new(_):
    pass


def changed(place):
    place.apply()
    edit(place, variables={"revision": "7"})


def revision(place):
    place.apply()
    edit(place, revision=2)


def retry(place):
    fails_once(place)
    edit(place, plan=FAILS_ONCE)
    place.apply()
    dies(place, after="probe", only=frozenset({NAME}), retry={NAME: "disk was full"})
    # Without a person's word it stays blocked: nothing of the attempt is on record yet.
    assert place.why(NAME).change.action is Action.BLOCK
    dies(place, after="prepare", only=frozenset({NAME}), retry={NAME: "disk was full"})


def requested(place):
    edit(place, trigger="manual")
    dies(place, after="prepare", only=frozenset({NAME}), requested={NAME: "please"})


SITUATIONS = {
    Reason.UNKNOWN: (unknown, "launcher resolve"),
    Reason.RUNNING: (running, "launcher watch"),
    Reason.WAITING: (waiting, "launcher "),
    Reason.STUCK: (stuck, "launcher cancel"),
    Reason.BUSY: (busy, "once that attempt has ended"),
    Reason.DELETED: (deleted, "Declare it again"),
    Reason.RENAMED: (renamed, "launcher apply"),
    Reason.LOOKS_RENAMED: (looks_renamed, "renamedFrom: db-migrate"),
    Reason.REVISION_LOWERED: (revision_lowered, "above 3"),
    Reason.EDITED: (edited, "launcher waive"),
    Reason.IN_SYNC: (in_sync, "raise `revision`"),
    Reason.MANUAL: (manual, "launcher launch"),
    Reason.SUPERSEDED: (superseded, "launcher apply"),
    Reason.FAILED: (failed, "launcher retry"),
    Reason.REFUSED: (refused, "launcher retry"),
    Reason.NEEDS: (needs, "launcher why db-migrate"),
    Reason.SUSPENDED: (suspended, "suspend: true"),
    Reason.FREEZE: (freeze, "2026-11-26T00:00:00Z"),
    Reason.WINDOW: (window, "2026-11-23T10:00:00Z"),
    Reason.NOT_BEFORE: (not_before, "2027-01-01T00:00:00Z"),
    Reason.UNREVIEWED: (unreviewed, "launcher diff"),
    Reason.GUARD: (by_guard, "diagnostics"),
    Reason.PREPARED: (prepared, "launcher apply"),
    Reason.REPLACED: (replaced, "launcher apply"),
    Reason.NEW: (new, "launcher apply"),
    Reason.CHANGED: (changed, "launcher apply"),
    Reason.REVISION: (revision, "launcher apply"),
    Reason.RETRY: (retry, "launcher apply"),
    Reason.REQUESTED: (requested, "launcher launch"),
}


def explained(found):
    return render_why(found.change, found.environment, waiting=found.waiting, history=found.history)


def told(place, name):
    """The JSON answer of `why`, held against its schema."""
    found = why(place.root, None, name, surroundings=place.surroundings)
    if isinstance(found, Kept):
        data = status_data.archived(
            found.environment, found.record, found.history, found.diagnostics
        )
    else:
        data = status_data.explained(
            found.environment,
            found.change,
            found.diagnostics,
            waiting=found.waiting,
            history=found.history,
        )
    jsonschema.validate(data, json.loads(schema_files()["why-v1.json"]))
    return data


def test_every_reason_is_met_below():
    assert set(SITUATIONS) == set(Reason)


@pytest.mark.parametrize("reason", SITUATIONS, ids=str)
def test_why_answers_with_what_would_unblock_it(tmp_path, reason):
    place = a_place(tmp_path, a_manifest(), workspace=SETTINGS.format(guards=""))
    arrange, way_out = SITUATIONS[reason]
    name = arrange(place) or NAME

    found = place.why(name)

    assert found.change.reason is reason
    assert found.change.rows[-1].fits
    text = explained(found)
    assert reason.value in text
    assert way_out in text
    assert "{" not in text
    assert told(place, name)["change"]["reason"] == reason.value


# --- chains of needs ------------------------------------------------------------------------------


def test_why_follows_needs_to_the_end_of_the_chain(tmp_path):
    place = a_place(
        tmp_path,
        a_manifest(plan=1004),
        a_manifest("deploy", plan=1002, needs=[NAME]),
        a_manifest("smoke", plan=1002, needs=["deploy"], title="s"),
    )
    place.apply()
    text = explained(place.why("smoke"))
    assert (
        "It needs:\n"
        "  deploy, which waits for db-migrate (attempt 1 failed, as instance 20000000001)\n\n"
        "See what would change that:\n"
        "launcher why db-migrate -e sandbox\n"
    ) in text
    assert "launcher why deploy" not in text
    shown = render_changeset(place.diff().changeset)
    assert (
        "    waits for deploy, which waits for db-migrate (attempt 1 failed, as instance 20000000001)\n"
        "    See what would change that:\n"
        "    launcher why db-migrate -e sandbox\n"
    ) in shown
    assert "See what deploy waits for" in render_changeset(place.diff(names=("smoke",)).changeset)
    assert told(place, "smoke")["waits_for"] == {
        "blocked": True,
        "needs": [
            {
                "name": "deploy",
                "action": "block",
                "reason": "NEEDS",
                "by": NAME,
                "until": None,
                "roots": [NAME],
            }
        ],
    }


def test_why_says_after_what_a_launch_starts_and_how(tmp_path):
    place = a_place(tmp_path, a_manifest(), a_manifest("deploy", plan=1002, needs=[NAME]))
    text = explained(place.why("deploy"))
    assert "It starts after:\n  db-migrate (has never run here)\n" in text
    assert text.endswith("It is started by:\nlauncher apply -e sandbox\n")


# --- who cancelled it -----------------------------------------------------------------------------


def timed_out(root):
    place = a_place(root, a_manifest(wait={"timeout": "1s", "onTimeout": "terminate"}))
    place.apply()
    newest = place.why(NAME).change.newest
    assert newest is not None
    assert newest.outcome is OutcomeKind.CANCELLED
    return place


def test_why_says_that_a_launch_was_cancelled_by_its_own_timeout(tmp_path):
    place = timed_out(tmp_path)
    text = explained(place.why(NAME))
    assert "FAILED: attempt 1 was cancelled by its own timeout, as instance 20000000001\n" in text
    assert (
        "  cancelled by its own timeout: it still ran after `wait.timeout: 1s`, "
        "and its manifest said `onTimeout: terminate` (2026-"
    ) in text
    assert "Give it more time with `wait.timeout`" in text
    assert "launcher retry db-migrate -e sandbox --reason TEXT\n" in text
    asked = told(place, NAME)["cancelled_by"]
    assert (asked["operation"], asked["timeout"]) == ("terminate", "1s")


def test_the_timeout_of_then_is_told_though_the_manifest_was_edited_since(tmp_path):
    place = timed_out(tmp_path)
    edit(place, wait={"timeout": "2h"})
    assert "`wait.timeout: 1s`" in explained(place.why(NAME))


def test_why_says_which_person_cancelled_a_launch(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply(wait=False)
    place.clock.sleep(1)
    cancel(
        place.root,
        None,
        NAME,
        reason="wrong day",
        surroundings=place.surroundings,
        progress=place.heard.append,
    )
    text = explained(place.why(NAME))
    assert "attempt 1 was cancelled, as instance 20000000001" in text
    assert "  cancelled by `launcher cancel` of ana (2026-" in text
    assert ": wrong day)\n" in text
    assert "timeout" not in text


def test_a_confirmation_that_was_answered_with_no_may_be_asked_for_again(tmp_path):
    place = a_place(tmp_path, a_manifest())
    waiting(place)
    confirm(
        place.root,
        None,
        NAME,
        Answer.TERMINATE,
        step=None,
        reason="not today",
        surroundings=place.surroundings,
        progress=place.heard.append,
    )
    text = explained(place.why(NAME))
    assert "FAILED: attempt 1 was ended at its confirmation, as instance 20000000001\n" in text
    assert "  cancelled by `launcher confirm --terminate` of ana (2026-" in text
    assert "launcher confirm db-migrate -e sandbox --restart --reason TEXT\n" in text


def test_why_says_that_it_was_not_launcher_that_cancelled(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply(wait=False)
    place.clock.sleep(1)
    instance = place.instances()[0]["job_instance_id"]
    Pages(place).call("operate_job_instance", job_instance_id=instance, operation_code=1)
    place.clock.sleep(60)
    place.apply()
    text = explained(place.why(NAME))
    assert "cancelled not through launcher, but on JOB's own pages or by another program\n" in text
    assert told(place, NAME)["cancelled_by"] is None


# --- archived names -------------------------------------------------------------------------------


def archived(root):
    place = a_place(root, a_manifest(), a_manifest("other", plan=1002))
    place.apply()
    (place.root / "plans/m0.yaml").unlink()
    place.clock.sleep(60)
    place.apply()
    return place


def test_why_says_of_an_archived_name_by_whom_and_when_and_what_can_be_done(tmp_path):
    place = archived(tmp_path)
    found = why(place.root, None, NAME, surroundings=place.surroundings)
    assert isinstance(found, Kept)
    text = render_archived(found.record, found.environment, history=found.history)
    (event,) = (item for item in events(place) if item.draft.kind is Kind.ARCHIVED)
    assert text.startswith(
        "db-migrate in sandbox  no longer declared, and archived\n\n"
        "On record of attempt 1, instance 20000000001: succeeded\n"
        f"  archived {event.time:%Y-%m-%dT%H:%M:%SZ} by an apply of ana\n"
    )
    assert "Declared again, it is compared with its history" in text
    assert "`renamedFrom: db-migrate`" in text
    assert text.endswith("launcher status db-migrate -e sandbox\n")
    data = told(place, NAME)
    assert (data["change"], data["rows"]) == (None, [])
    assert data["archived"]["at"] == event.time.isoformat()
    assert (data["archived"]["name"], data["archived"]["actor"]) == (NAME, "ana")


def test_what_why_says_of_an_archived_name_is_so(tmp_path):
    place = archived(tmp_path)
    edit(place)
    assert place.why(NAME).change.reason is Reason.IN_SYNC
    rename(place, renamedFrom=NAME)
    assert place.why("renamed").change.reason is Reason.RENAMED


def test_why_sends_on_from_a_name_whose_history_has_another_one_now(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply()
    rename(place, renamedFrom=NAME)
    place.apply()
    with pytest.raises(WrongUsage) as error:
        why(place.root, None, NAME, surroundings=place.surroundings)
    (found,) = error.value.diagnostics
    assert (found.code, found.hint, found.facts["nearest"]) == ("L523", "renamed", "renamed")


def events(place):
    return list(open_ledger(find_site(place.root, None, place.surroundings)).events())


# --- further ways ---------------------------------------------------------------------------------


def test_why_says_when_another_attempt_follows_by_itself(tmp_path):
    place = fails_once(a_place(tmp_path, workspace=SETTINGS.format(guards="")))
    edit(place, plan=FAILS_ONCE, retry={"maxAttempts": 2, "backoff": "1h"})
    place.apply(wait=False)
    place.clock.sleep(60)
    found = place.why(NAME)
    assert (found.change.action, found.change.reason) == (Action.BLOCK, Reason.FAILED)
    assert found.change.until is not None
    second = found.change.until.split(".")[0]
    assert f"not before {second}Z" in render_why(found.change, found.environment)


def test_why_says_that_a_rename_is_an_error(tmp_path):
    place = a_place(tmp_path, a_manifest(), workspace=SETTINGS.format(guards=""))
    place.apply()
    text = a_manifest("other", plan=1002)
    place.write("plans/other.yaml", text)
    place.apply()
    (place.root / "plans/m0.yaml").unlink()
    place.write(
        "plans/other.yaml",
        text.replace('"name": "other"', f'"name": "other", "renamedFrom": "{NAME}"'),
    )
    found = place.why("other")
    assert (found.change.action, found.change.reason) == (Action.ERROR, Reason.RENAMED)
    assert "cannot carry on the history of db-migrate" in render_why(
        found.change, found.environment
    )
    assert "L258" in [item.code for item in found.diagnostics]


def test_a_need_of_a_renamed_launch_is_met_in_the_same_apply(tmp_path):
    place = a_place(tmp_path, a_manifest(), workspace=SETTINGS.format(guards=""))
    place.apply()
    rename(place, renamedFrom=NAME)
    place.write("plans/m1.yaml", a_manifest("after", plan=1002, needs=["renamed"]))
    applied = place.apply()
    assert {item.name: item.reason for item in applied.changeset.changes} == {
        "renamed": Reason.RENAMED,
        "after": Reason.NEW,
    }
    assert [item["job_plan_id"] for item in place.instances()] == [1001, 1002]
    assert place.diff().changeset.acting == ()


def test_a_renamed_launch_whose_content_changed_holds_what_needs_it_for_one_apply(tmp_path):
    place = a_place(tmp_path, a_manifest(), workspace=SETTINGS.format(guards=""))
    place.apply()
    rename(place, renamedFrom=NAME)
    path = place.root / "plans/m0.yaml"
    path.write_text(path.read_text().replace('"id": 1001', '"id": 1002'))
    place.write("plans/m1.yaml", a_manifest("after", plan=1001, needs=["renamed"]))
    changes = place.apply().changeset
    after = changes.change("after")
    assert after is not None
    assert (after.reason, after.by) == (Reason.NEEDS, "renamed")
    again = place.apply().changeset.change("renamed")
    assert again is not None
    assert again.reason is Reason.CHANGED
    assert [item["job_plan_id"] for item in place.instances()] == [1001, 1002, 1001]


def test_the_old_name_is_neither_archived_nor_taken_for_deleted(tmp_path):
    place = a_place(tmp_path, a_manifest(), workspace=SETTINGS.format(guards=""))
    place.apply()
    rename(place, renamedFrom=NAME)
    place.write("plans/copy.yaml", a_manifest("copy"))
    found = place.diff().changeset
    assert {item.name: item.reason for item in found.changes} == {
        "renamed": Reason.RENAMED,
        "copy": Reason.NEW,
    }


def test_a_name_that_nobody_declares_is_answered_with_the_nearest(tmp_path):
    place = a_place(tmp_path, a_manifest())
    with pytest.raises(WrongUsage) as error:
        place.why("db-migrat")
    (found,) = error.value.diagnostics
    assert (found.code, found.hint, found.facts["nearest"]) == ("L523", "nearest", NAME)
