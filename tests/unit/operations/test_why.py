"""`why` answers for every reason there is, each met for real, with what would unblock it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from launcher.engine.changeset import Action, Reason
from launcher.errors import WrongUsage
from launcher.operations.why import why
from launcher.render.why import render_why
from tests.support.guarded import SETTINGS, dies
from tests.support.pages import FAILS_ONCE, fails_once
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
    assert (
        why(place.root, None, NAME, surroundings=place.surroundings).change.action is Action.BLOCK
    )
    dies(place, after="prepare", only=frozenset({NAME}), retry={NAME: "disk was full"})


def requested(place):
    edit(place, trigger="manual")
    dies(place, after="prepare", only=frozenset({NAME}), requested={NAME: "please"})


SITUATIONS = {
    Reason.UNKNOWN: (unknown, "launcher resolve"),
    Reason.RUNNING: (running, "launcher apply"),
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


def test_every_reason_is_met_below():
    assert set(SITUATIONS) == set(Reason)


@pytest.mark.parametrize("reason", SITUATIONS, ids=str)
def test_why_answers_with_what_would_unblock_it(tmp_path, reason):
    place = a_place(tmp_path, a_manifest(), workspace=SETTINGS.format(guards=""))
    arrange, way_out = SITUATIONS[reason]
    name = arrange(place) or NAME

    found = why(place.root, None, name, surroundings=place.surroundings)

    assert found.change.reason is reason
    assert found.change.rows[-1].fits
    text = render_why(found.change, found.environment)
    assert reason.value in text
    assert way_out in text
    assert "{" not in text


def test_why_says_when_another_attempt_follows_by_itself(tmp_path):
    place = fails_once(a_place(tmp_path, workspace=SETTINGS.format(guards="")))
    edit(place, plan=FAILS_ONCE, retry={"maxAttempts": 2, "backoff": "1h"})
    place.apply(wait=False)
    place.clock.sleep(60)
    found = why(place.root, None, NAME, surroundings=place.surroundings)
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
    found = why(place.root, None, "other", surroundings=place.surroundings)
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
        why(place.root, None, "db-migrat", surroundings=place.surroundings)
    (found,) = error.value.diagnostics
    assert (found.code, found.hint, found.facts["nearest"]) == ("L523", "nearest", NAME)
