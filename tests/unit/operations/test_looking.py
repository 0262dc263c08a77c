"""Looking at what is on record, and at what JOB says since: `status`, and `apply --refresh-only`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from launcher.engine.changeset import Reason
from launcher.engine.events import Draft, Kind
from launcher.engine.recorded import OperationKind, OutcomeKind
from launcher.errors import ExitCode, OutcomeUnknown
from launcher.operations.acts import record
from launcher.operations.record import open_ledger
from launcher.operations.retry_hosts import retry_hosts
from launcher.operations.site import find_site
from launcher.operations.status import StatusResult, StatusRow, status
from launcher.operations.waive import waive
from launcher.render import status_data
from launcher.render.schema import schema_files
from launcher.render.status import Line, render_status
from tests.support.guarded import dies
from tests.support.pages import FAILS_ONCE, Pages, fails_once
from tests.support.workspaces import Place, a_manifest, a_place

if TYPE_CHECKING:
    from launcher.engine.recorded import Attempt

JOURNAL = ".launcher/ledger/sandbox.jsonl"
STOP = 1


@pytest.fixture
def failed(tmp_path) -> Place:
    found = fails_once(a_place(tmp_path, a_manifest(plan=FAILS_ONCE)))
    assert found.apply().exit_code is ExitCode.JOB_FAILED
    return found


def looked(place: Place, *, refresh: bool = False) -> StatusResult:
    return status(place.root, None, refresh=refresh, surroundings=place.surroundings)


def row(found: StatusResult, name: str = "db-migrate") -> StatusRow:
    (one,) = (item for item in found.rows if item.name == name)
    return one


def is_archived(found: StatusResult) -> bool:
    record = row(found).record
    assert record is not None
    return record.archived


def newest(found: StatusResult, name: str = "db-migrate") -> Attempt:
    return found.recorded.launches[name].newest


def shown(found: StatusResult) -> str:
    return render_status(
        found.environment, found.recorded, lines(found), left(found), is_left=found.is_left
    )


def told(found: StatusResult, name: str = "db-migrate") -> dict[str, Any]:
    """The JSON answer, held against its schema."""
    data = status_data.status(found.environment, found.recorded, lines(found), left(found))
    jsonschema.validate(data, json.loads(schema_files()["status-v1.json"]))
    (one,) = (item for item in data["launches"] if item["name"] == name)
    return dict(one)


def lines(found: StatusResult) -> list[Line]:
    return [
        Line(
            item.name,
            item.declared,
            item.record,
            item.in_sync,
            item.hold,
            item.stuck,
            item.approval,
            item.decided,
            item.waiting,
            item.history,
        )
        for item in found.rows
    ]


def left(found: StatusResult) -> list[tuple[str, int, int, str | None]]:
    return [(item.name, item.attempt, item.instance, item.reason) for item in found.orphans]


def the_instance(place: Place) -> int:
    found: int = place.instances()[0]["job_instance_id"]
    return found


def noted(place: Place, kind: Kind, **data: Any) -> None:
    """Record a note about the first attempt."""
    ledger = open_ledger(find_site(place.root, None, place.surroundings))
    present = ledger.read()
    attempt = present.launches["db-migrate"].newest
    draft = Draft(kind, "db-migrate", attempt.key, attempt.number, data)
    record(find_site(place.root, None, place.surroundings), ledger, present, lambda _: (draft,))


# --- what somebody has carried on with ----------------------------------------------------------


def test_a_failed_job_that_was_retried_on_jobs_pages_is_noticed_and_not_recorded(failed):
    Pages(failed).retry_failed_hosts(the_instance(failed))
    failed.clock.sleep(60)
    before = (failed.root / JOURNAL).read_bytes()

    assert newest(looked(failed)).outcome is OutcomeKind.FAILED
    found = looked(failed, refresh=True)

    assert newest(found).outcome is OutcomeKind.SUCCEEDED
    assert [item.outcome for item in newest(found).endings] == [OutcomeKind.FAILED]
    assert row(found).in_sync
    assert "had ended before as failed (status 4" in shown(found)
    assert "; somebody carried on with it, not through launcher\n" in shown(found)
    assert told(found)["newest"]["endings"][0]["status"] == 4
    assert told(found)["newest"]["endings"][0]["carried_on_by"] is None
    assert (failed.root / JOURNAL).read_bytes() == before


def test_refreshing_records_the_same_and_keeps_both_endings(failed):
    Pages(failed).retry_failed_hosts(the_instance(failed))
    failed.clock.sleep(60)

    assert failed.apply(refresh_only=True).exit_code is ExitCode.DONE

    found = looked(failed)
    assert newest(found).outcome is OutcomeKind.SUCCEEDED
    assert [item.outcome for item in newest(found).endings] == [OutcomeKind.FAILED]
    again = (failed.root / JOURNAL).read_bytes()
    failed.apply(refresh_only=True)
    assert (failed.root / JOURNAL).read_bytes() == again


def test_a_failed_job_that_runs_again_is_running(failed):
    Pages(failed).retry_failed_hosts(the_instance(failed))
    found = looked(failed, refresh=True)
    assert newest(found).outcome is OutcomeKind.RUNNING
    assert newest(found).finished_at is None


def test_a_job_that_failed_once_more_has_two_endings(tmp_path):
    place = a_place(tmp_path, a_manifest(plan=1004))
    place.apply()
    place.clock.sleep(60)
    Pages(place).retry_failed_hosts(the_instance(place))
    place.clock.sleep(60)

    found = looked(place, refresh=True)

    attempt = newest(found)
    assert (attempt.outcome, len(attempt.endings)) == (OutcomeKind.FAILED, 1)
    assert attempt.finished_at is not None
    assert attempt.endings[0].finished_at is not None
    assert attempt.finished_at > attempt.endings[0].finished_at


def test_what_failed_and_stays_so_is_no_news(failed):
    before = newest(looked(failed))
    assert newest(looked(failed, refresh=True)) == before
    content = (failed.root / JOURNAL).read_bytes()
    failed.apply(refresh_only=True)
    assert (failed.root / JOURNAL).read_bytes() == content


def test_a_failed_launch_that_is_archived_is_refreshed_too(failed):
    (failed.root / "plans/m0.yaml").unlink()
    failed.apply()
    assert is_archived(looked(failed))
    Pages(failed).retry_failed_hosts(the_instance(failed))
    failed.clock.sleep(60)

    failed.apply(refresh_only=True)

    found = looked(failed)
    assert newest(found).outcome is OutcomeKind.SUCCEEDED
    assert is_archived(found)


def test_a_cancelled_job_that_goes_on_is_noticed(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply(wait=False)
    place.clock.sleep(1)
    instance = the_instance(place)
    Pages(place).call("operate_job_instance", job_instance_id=instance, operation_code=STOP)
    place.clock.sleep(60)
    assert place.apply().exit_code is ExitCode.JOB_FAILED
    status_of = Pages(place).call("get_job_instance_status", job_instance_id=instance)
    Pages(place).call(
        "operate_step_instance",
        job_instance_id=instance,
        step_instance_id=status_of["step_instance_list"][0]["step_instance_id"],
        operation_code=8,
    )
    place.clock.sleep(60)

    found = looked(place, refresh=True)

    assert newest(found).outcome is OutcomeKind.SUCCEEDED
    assert [item.outcome for item in newest(found).endings] == [OutcomeKind.CANCELLED]


# --- who carried on with it ----------------------------------------------------------------------


def retried(place: Place) -> None:
    retry_hosts(
        place.root,
        None,
        "db-migrate",
        step=None,
        reason="disk cleaned",
        surroundings=place.surroundings,
        progress=place.heard.append,
    )


def test_our_own_retry_of_failed_hosts_is_told_from_a_strangers(failed):
    retried(failed)
    found = looked(failed)
    assert newest(found).outcome is OutcomeKind.RUNNING
    assert "somebody" not in shown(found)
    assert "; `launcher retry --failed-hosts` of ana (2026-" in shown(found)
    assert ": disk cleaned) carried on with it\n" in shown(found)
    asked = told(found)["newest"]["endings"][0]["carried_on_by"]
    assert (asked["operation"], asked["actor"], asked["reason"]) == (
        "retry-failed-hosts",
        "ana",
        "disk cleaned",
    )

    failed.clock.sleep(60)
    failed.apply()
    assert newest(looked(failed)).outcome is OutcomeKind.SUCCEEDED
    assert "; `launcher retry --failed-hosts` of ana (2026-" in shown(looked(failed))


def test_our_own_retry_that_showed_nothing_is_not_taken_for_what_carried_on(failed):
    failed.arm(
        {
            "fault": "answer-lost",
            "effect": "before",
            "when": {"operation": "operate_step_instance"},
        }
    )
    with pytest.raises(OutcomeUnknown):
        retried(failed)
    Pages(failed).retry_failed_hosts(the_instance(failed))
    failed.clock.sleep(60)

    found = looked(failed, refresh=True)

    assert "somebody carried on with it, perhaps `launcher retry --failed-hosts` of ana" in shown(
        found
    )
    assert "of which nobody knows whether JOB took it\n" in shown(found)
    assert told(found)["newest"]["endings"][0]["carried_on_by"]["in_doubt"] is True


def test_status_says_of_a_cancelled_launch_that_it_was_its_own_timeout(tmp_path):
    wait = {"timeout": "1s", "onTimeout": "terminate"}
    place = a_place(tmp_path, a_manifest(wait=wait))
    place.apply()
    found = looked(place)
    assert newest(found).outcome is OutcomeKind.CANCELLED
    assert "cancelled by its own timeout: it still ran after `wait.timeout: 1s`" in shown(found)
    assert told(found)["newest"]["cancelled_by"]["timeout"] == "1s"


# --- what waits for others ------------------------------------------------------------------------


def test_status_says_which_launches_are_blocked_and_by_what(tmp_path):
    place = a_place(
        tmp_path,
        a_manifest(plan=1004),
        a_manifest("deploy", plan=1002, needs=["db-migrate"]),
        a_manifest("smoke", plan=1002, needs=["deploy"]),
        a_manifest("other", plan=1002),
    )
    before = looked(place)
    assert "  deploy  waits for db-migrate (has never run here)\n" in shown(before)
    assert "  smoke   waits for deploy, which waits for db-migrate (has never" in shown(before)
    place.apply()

    found = looked(place)

    why = "db-migrate (attempt 1 failed, as instance 20000000001)"
    assert f"  deploy  blocked: needs {why}\n" in shown(found)
    assert f"  smoke   blocked: needs deploy, which waits for {why}\n" in shown(found)
    assert "other   " not in shown(found).split("\n\n", 1)[1].split("\n\n", 1)[1]
    assert told(found, "db-migrate")["waits_for"] is None
    assert told(found, "db-migrate")["decided"]["reason"] == "FAILED"
    assert told(found, "smoke")["waits_for"] == {
        "blocked": True,
        "needs": [
            {
                "name": "deploy",
                "action": "block",
                "reason": "NEEDS",
                "by": "db-migrate",
                "until": None,
                "roots": ["db-migrate"],
            }
        ],
    }


def test_what_is_needed_directly_too_is_told_of_once(tmp_path):
    place = a_place(
        tmp_path,
        a_manifest(plan=1004),
        a_manifest("deploy", plan=1002, needs=["db-migrate"]),
        a_manifest("smoke", plan=1002, needs=["db-migrate", "deploy"]),
    )
    assert (
        "  smoke   waits for db-migrate (has never run here); deploy, which waits for db-migrate\n"
    ) in shown(looked(place))


def test_status_asks_nobody_to_say_what_is_blocked(tmp_path):
    place = a_place(
        tmp_path, a_manifest(suspend=True), a_manifest("after", plan=1002, needs=["db-migrate"])
    )
    assert "after       blocked: needs db-migrate (suspended by its manifest)" in shown(
        looked(place)
    )
    assert place.requests() == []


@pytest.mark.parametrize(
    ("spec", "word"),
    [
        ({"trigger": "manual"}, "by hand: launches only when it is asked for"),
        ({"revision": 2}, "not in sync: its revision was raised"),
        ({"plan": 1002}, "not in sync: its content differs from what ran last"),
    ],
    ids=["manual", "revision", "content"],
)
def test_status_says_why_a_launch_is_not_in_sync(tmp_path, spec, word):
    place = a_place(tmp_path, a_manifest())
    if "trigger" not in spec:
        place.apply()
        assert word not in shown(looked(place))
    place.write("plans/m0.yaml", a_manifest(**spec))
    assert f"  db-migrate  {word}\n" in shown(looked(place))


def test_status_says_of_an_archived_name_who_archived_it_to_whom_asks_for_it(tmp_path):
    place = a_place(tmp_path, a_manifest(), a_manifest("other", plan=1002))
    place.apply()
    (place.root / "plans/m0.yaml").unlink()
    place.apply()
    named = status(
        place.root, None, refresh=False, surroundings=place.surroundings, name="db-migrate"
    )
    assert "  db-migrate  archived 2026-11-22T12:" in shown(named)
    assert "by an apply of ana" in shown(named)
    assert "by an apply of ana" not in shown(looked(place))


# --- what is worth a word -----------------------------------------------------------------------


def test_a_hold_is_shown_with_the_time_it_ends(tmp_path):
    place = a_place(tmp_path, a_manifest(notBefore="2027-01-01T00:00:00Z"))
    found = looked(place)
    hold = row(found).hold
    assert hold is not None
    assert hold.reason is Reason.NOT_BEFORE
    assert "held: not before 2027-01-01T00:00:00Z" in shown(found)
    assert told(found)["hold"]["until"].startswith("2027-01-01")


def test_what_is_done_or_runs_is_not_said_to_be_held(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply(wait=False)
    place.write("plans/m0.yaml", a_manifest(suspend=True))
    assert row(looked(place)).hold is None
    place.apply(refresh_only=True)
    place.clock.sleep(60)
    place.apply(refresh_only=True)
    assert row(looked(place)).in_sync
    assert row(looked(place)).hold is None


def test_what_waits_for_a_person_is_not_said_to_start_once_a_hold_ends(failed):
    failed.write("plans/m0.yaml", a_manifest(plan=FAILS_ONCE, suspend=True))
    assert row(looked(failed)).hold is None
    failed.write("plans/m0.yaml", a_manifest("other", plan=1002, variables={}, suspend=True))
    found = looked(failed)
    assert [item.name for item in found.rows if item.hold is not None] == ["other"]
    retried = a_manifest(plan=FAILS_ONCE, suspend=True, retry={"maxAttempts": 2, "backoff": "1h"})
    failed.write("plans/m0.yaml", retried)
    assert row(looked(failed)).hold is not None, "it is tried again by itself, but for this"


def test_an_operation_of_which_nobody_knows_the_answer_is_shown(failed):
    noted(failed, Kind.OPERATING, operation="retry-failed-hosts", status=4, step=5)

    found = looked(failed)

    pending = newest(found).operation
    assert pending is not None
    assert pending.kind is OperationKind.RETRY_FAILED_HOSTS
    assert "retry-failed-hosts was asked for" in shown(found)
    assert told(found)["newest"]["operation"]["step"] == 5


def test_an_operation_that_was_not_sent_is_shown(failed):
    of = {"operation": "retry-failed-hosts", "at": failed.clock.now.isoformat()}
    noted(failed, Kind.OPERATING, operation="retry-failed-hosts", status=4, step=5)
    noted(failed, Kind.OBSERVED, operation="not-sent", of=of)

    found = looked(failed)

    assert "retry-failed-hosts was put on record" in shown(found)
    assert "not sent in time: nothing came of it" in shown(found)
    assert told(found)["newest"]["unsent"] == of


def test_what_was_compared_before_the_start_is_shown_where_something_was_not(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply()
    assert told(looked(place))["newest"]["compared"] == ["steps", "hosts", "variables"]
    assert "not compared" not in shown(looked(place))
    noted(place, Kind.VERIFIED, compared=["steps"], not_compared=["ciphers", "the callback"])
    text = shown(looked(place))
    assert "compared before its START: steps; not compared: ciphers, the callback" in text


def test_an_instance_that_hangs_while_it_is_stopped_is_shown_as_stuck(tmp_path):
    place = a_place(tmp_path, a_manifest(plan=1003))
    place.apply(wait=False)
    place.clock.sleep(5)
    Pages(place).call(
        "operate_job_instance", job_instance_id=the_instance(place), operation_code=STOP
    )
    place.clock.sleep(5)
    place.apply(refresh_only=True)
    assert row(looked(place, refresh=True)).stuck is None
    place.clock.sleep(3600)

    found = looked(place, refresh=True)

    assert "it has been stopping since" in (row(found).stuck or "")
    assert "stuck: it has been stopping since" in shown(found)
    assert told(found)["stuck"] == row(found).stuck
    assert row(looked(place)).stuck is None


def test_a_waiver_is_shown_with_its_reason(tmp_path):
    place = a_place(tmp_path, a_manifest())
    here = place.surroundings
    waive(place.root, None, "db-migrate", reason="done by\nhand", surroundings=here)
    text = shown(looked(place))
    assert "waived: done by" in text
    assert "\nhand" not in text


def test_a_review_of_what_is_not_done_yet_is_shown(tmp_path):
    place = a_place(tmp_path, a_manifest(suspend=True))
    ledger = open_ledger(find_site(place.root, None, place.surroundings))
    data = {"digest": "v1:sha256:d", "changes": {"db-migrate": "c"}, "source": "--digest"}
    drafts = (
        Draft(Kind.CREATED, data={"lineage": "0" * 32}),
        Draft(Kind.APPROVED, data=data),
    )
    record(find_site(place.root, None, place.surroundings), ledger, ledger.read(), lambda _: drafts)
    found = looked(place)
    assert row(found).approval is not None
    assert "reviewed: v1:sha256:d, recorded by ana" in shown(found)
    assert told(found)["approval"]["digest"] == "v1:sha256:d"


def test_a_launch_with_nothing_to_say_about_it_gets_no_remark(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.apply()
    assert shown(looked(place)).count("db-migrate") == 1


def test_what_job_refused_is_shown_with_what_is_missing_and_the_ids_of_the_answer(tmp_path):
    place = a_place(tmp_path, a_manifest())
    place.diff()
    denied = {"operation": "execute_job_plan", "plan": 1001}
    place.arm({"fault": "permission-denied", "action": "launch_job_plan", "when": denied})
    place.apply()

    text = shown(looked(place))

    assert "refused: missing permission launch_job_plan (Launch Job Plan) on Job Plans" in text
    assert "(request " in text
    assert "…" not in text


def test_a_run_that_died_is_not_said_to_hold_the_lock(tmp_path):
    place = a_place(tmp_path, a_manifest())
    seen: list[str] = []

    class Looking(list[Any]):
        def append(self, _: Any) -> None:
            seen.append(shown(looked(place)))

    place.heard = Looking()
    place.apply()
    assert any("run lock held by" in text for text in seen)
    assert not any("run lock left" in text for text in seen)

    place.heard = []
    place.write("plans/m0.yaml", a_manifest(revision=2))
    dies(place, after="prepare")

    assert "which ended without saying so; the next apply takes over" in shown(looked(place))
    assert "run lock held" not in shown(looked(place))
