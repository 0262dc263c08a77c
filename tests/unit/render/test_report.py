"""What came of an apply, for people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from launcher.engine.changeset import Action, Reason
from launcher.engine.observed import Status
from launcher.engine.recorded import (
    Attempt,
    LaunchRecord,
    Operation,
    OperationKind,
    OutcomeKind,
    Recorded,
    UnsentOperation,
)
from launcher.engine.report import Report, Stop
from launcher.engine.spec import LaunchKey
from launcher.render.changeset import render_changeset
from launcher.render.report import render_no_report, render_nothing_runs, render_report
from launcher.render.status_data import explained
from launcher.render.telling import effect_line, outcome_line
from launcher.render.why import render_why
from tests.unit.render.test_changeset import DIGEST, a_change, a_changeset

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def an_attempt(outcome, **more):
    return Attempt(
        number=1,
        key=LaunchKey(1, DIGEST),
        spec={"plan": {"id": 1000}},
        manifest="plans/web.yaml",
        commit=None,
        single_phase=False,
        nonces=("n",),
        intended_at=NOON,
        outcome=outcome,
        instance_id=20000000001,
        started_at=NOON,
        finished_at=NOON + timedelta(seconds=125),
        **more,
    )


def reported(outcome, stop=None, blocked=None, change=None, **more):
    change = change or a_change()
    made = a_changeset(change, a_change("next"))
    record = LaunchRecord("web-deploy", (an_attempt(outcome, **more),))
    report = Report(
        Recorded(launches={"web-deploy": record}), stop, (), blocked or {}, ("web-deploy",)
    )
    return render_report(made, report, "locks/sandbox.lock.json")


def test_each_launch_has_outcome_instance_and_duration():
    text = reported(OutcomeKind.SUCCEEDED)
    assert "  web-deploy  succeeded  attempt 1  instance 20000000001  2m5s\n" in text
    assert "1 succeeded.\n" in text
    assert "Lockfile: locks/sandbox.lock.json\n" in text


def test_an_unknown_outcome_says_how_to_resolve_it():
    text = reported(OutcomeKind.UNKNOWN, reason="answer lost\n::error")
    assert "  launcher resolve web-deploy -e sandbox --ran INSTANCE --reason TEXT\n" in text
    assert "answer lost\\n:\\u003aerror" in text


def test_a_failure_says_how_to_run_it_again():
    assert "raise its `revision`, then apply" in reported(OutcomeKind.FAILED)


def test_a_failure_of_what_is_no_longer_declared_asks_for_nothing():
    gone = a_change(action=Action.ARCHIVE, reason=Reason.DELETED, launch=None)
    assert "revision" not in reported(OutcomeKind.FAILED, change=gone)


def test_what_was_left_alone_says_why():
    text = reported(OutcomeKind.FAILED, blocked={"next": "not reached"})
    assert "  next  left  not reached\n" in text
    assert "1 failed, 1 left.\n" in text


@pytest.mark.parametrize("stop", Stop)
def test_every_way_to_end_early_has_its_words(stop):
    assert len(reported(OutcomeKind.RUNNING, stop=stop)) > len(reported(OutcomeKind.RUNNING))


def test_a_run_that_was_not_begun_says_so():
    same = a_change(action=Action.NONE, reason=Reason.IN_SYNC)
    assert render_no_report(a_changeset(same)) == "Nothing to do. 1 launch in sync.\n"


def test_progress_tells_steps_and_trouble_and_nothing_else():
    def told(kind, refused=0, unknown=0):
        return effect_line(kind, ["web-deploy"], refused=refused, unknown=unknown, time=NOON)

    assert told("prepare") == "12:00:00Z  prepared: web-deploy\n"
    assert told("append") == told("start") == told("read-status") == ""
    assert told("start", unknown=1) == "12:00:00Z  start: web-deploy (1 answer lost)\n"
    assert told("prepare", 2, 3) == "12:00:00Z  prepare: web-deploy (2 refused, 3 answers lost)\n"


def test_progress_of_an_attempt_names_its_instance_and_status():
    assert (
        outcome_line(
            "web-deploy",
            attempt=2,
            instance=7,
            status=2,
            outcome=OutcomeKind.RUNNING,
            time=NOON,
        )
        == "12:00:00Z  web-deploy: running (attempt 2, instance 7, status 2)\n"
    )


def test_what_could_not_be_compared_before_a_start_is_said():
    text = reported(OutcomeKind.SUCCEEDED, compared=("variables",), not_compared=("steps", "hosts"))
    assert "not compared: steps, hosts\n" in text


def test_why_an_attempt_was_refused_comes_before_what_was_not_compared():
    text = reported(OutcomeKind.REFUSED, reason="too many hosts", not_compared=("steps",))
    assert "too many hosts\n" in text
    assert "not compared" not in text


def test_what_waits_to_be_asked_for_is_not_called_in_sync():
    same = a_change("same", Action.NONE, Reason.IN_SYNC)
    by_hand = a_change("by-hand", Action.NONE, Reason.MANUAL)
    said = render_no_report(a_changeset(same, by_hand))
    assert said == "Nothing to do. 1 in sync, 1 by hand, not asked for.\n"


def test_what_is_named_and_does_not_run_is_named():
    assert render_nothing_runs("x", {"b", "a"}) == "Nothing runs of a, b in x.\n"


def test_a_failed_launch_comes_with_the_command_that_starts_it_again():
    assert "  launcher retry web-deploy -e sandbox --reason TEXT\n" in reported(OutcomeKind.FAILED)


def test_what_somebody_cancelled_is_not_said_to_have_failed_hosts():
    newest = an_attempt(OutcomeKind.CANCELLED)
    text = render_why(a_change(action=Action.BLOCK, reason=Reason.FAILED, newest=newest), "sandbox")
    assert "attempt 1 was cancelled" in text
    assert "--failed-hosts" not in text


def test_why_tells_what_was_asked_for_and_what_was_not_sent():
    newest = replace(
        an_attempt(OutcomeKind.FAILED),
        operation=Operation(OperationKind.RETRY_FAILED_HOSTS, NOON, 4),
        unsent=UnsentOperation(OperationKind.TERMINATE, NOON),
    )
    change = a_change(action=Action.BLOCK, reason=Reason.FAILED, newest=newest)
    text = render_why(change, "sandbox")
    assert "\n  retry-failed-hosts was asked for 2026-11-22T12:00:00Z" in text
    assert "\n  terminate was put on record 2026-11-22T12:00:00Z" in text
    data = explained("sandbox", change, ())
    asked = {"operation": "retry-failed-hosts", "at": NOON.isoformat(), "step": None}
    assert data["operation"] == asked
    assert data["unsent"] == {"operation": "terminate", "at": NOON.isoformat()}


def test_why_an_attempt_was_refused_is_said_where_its_launch_is_blocked():
    newest = replace(
        an_attempt(OutcomeKind.REFUSED), reason="It would run on 40 hosts;\nmaxHosts is 10."
    )
    refused = a_change(action=Action.BLOCK, reason=Reason.REFUSED, newest=newest)
    told = "attempt 1 was refused: It would run on 40 hosts;\\nmaxHosts is 10."
    assert told in render_why(refused, "sandbox")
    assert told in render_changeset(a_changeset(refused))
    nobody_knows = replace(refused, newest=an_attempt(OutcomeKind.REFUSED))
    assert "attempt 1 was refused\n" in render_why(nobody_knows, "sandbox")


@pytest.mark.parametrize(
    ("status", "carries_on"),
    [(Status.FAIL, True), (Status.ABNORMAL, True), (Status.ABANDONED, False), (None, True)],
)
def test_failed_hosts_are_offered_where_jobs_instance_can_be_carried_on_with(status, carries_on):
    newest = an_attempt(OutcomeKind.FAILED, status=status)
    text = render_why(a_change(action=Action.BLOCK, reason=Reason.FAILED, newest=newest), "sandbox")
    assert "launcher retry web-deploy -e sandbox --reason TEXT" in text
    assert ("--failed-hosts" in text) is carries_on


def test_a_rename_is_not_told_as_a_success():
    text = reported(OutcomeKind.SUCCEEDED, change=a_change(action=Action.RENAME))
    assert "  web-deploy  renamed  attempt 1" in text
    assert "1 renamed.\n" in text
    assert "1 succeeded" not in text


def test_what_failed_before_is_named_where_it_decides_the_exit_code():
    before = a_change(
        "before",
        Action.BLOCK,
        Reason.FAILED,
        newest=an_attempt(OutcomeKind.CANCELLED),
    )
    said = (
        "From before, and in the exit code: before (cancelled).\n"
        "What each asks for: launcher diff -e sandbox\n"
    )
    record = LaunchRecord("web-deploy", (an_attempt(OutcomeKind.SUCCEEDED),))
    report = Report(Recorded(launches={"web-deploy": record}), None, (), {}, ("web-deploy",))
    made = a_changeset(a_change(), before)
    assert f"1 succeeded.\n{said}" in render_report(made, report, "locks/sandbox.lock.json")
    assert render_no_report(a_changeset(before)) == f"Nothing was started. 1 blocked.\n{said}"
    assert "From before" not in reported(OutcomeKind.FAILED)


def test_a_failure_says_how_to_read_what_was_printed():
    command = "  launcher logs web-deploy -e sandbox --failed\n"
    assert command in reported(OutcomeKind.FAILED)
    assert command not in reported(OutcomeKind.REFUSED)
    archived = a_change(action=Action.ARCHIVE, reason=Reason.DELETED, launch=None)
    assert command not in reported(OutcomeKind.FAILED, change=archived)
