"""The decision table against a second, literal reading of it, over every history of up to two attempts."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from launcher.engine.changeset import Action, Reason
from launcher.engine.desired import Policy
from launcher.engine.guards import Hold
from launcher.engine.recorded import Attempt, LaunchRecord, OutcomeKind
from launcher.engine.rows import Case, Verdict, decide
from tests.support.ledgers import NOON
from tests.support.simulated import a_launch

ONE, OTHER, RAISED = (
    a_launch("web-deploy", "1"),
    a_launch("web-deploy", "2"),
    a_launch("web-deploy", "1", revision=2),
)
TRIGGERS = ("onChange", "once", "manual")
DECLARED = [
    None,
    *(
        replace(item, policy=Policy(trigger=how))
        for item in (ONE, OTHER, RAISED)
        for how in TRIGGERS
    ),
]
NEVER_RAN = {
    OutcomeKind.INTENDED,
    OutcomeKind.PREPARED,
    OutcomeKind.REFUSED,
    OutcomeKind.NOT_RAN,
    OutcomeKind.SUPERSEDED,
}
ACCEPTED = {OutcomeKind.SUCCEEDED, OutcomeKind.ADOPTED, OutcomeKind.WAIVED}
BAD = {OutcomeKind.FAILED, OutcomeKind.CANCELLED}
OPEN = {OutcomeKind.INTENDED, OutcomeKind.PREPARED}
ON_ITS_WAY = {OutcomeKind.STARTING, OutcomeKind.RUNNING, OutcomeKind.WAITING}
ALSO: list[dict[str, Any]] = [
    {"requested": True},
    {"retry": True},
    {"needs": {"db": Verdict(Action.HOLD, Reason.WINDOW)}},
    {"hold": Hold(Reason.FREEZE)},
    {"unreviewed": True},
    {"guard": "maxHosts"},
]
"""What may come to a case beside its history; any two of them together."""


def an_attempt(number, launch, outcome):
    return Attempt(
        number=number,
        key=launch.key,
        spec={},
        manifest="",
        commit=None,
        single_phase=False,
        nonces=(),
        intended_at=NOON,
        outcome=outcome,
        starts=0 if outcome in NEVER_RAN | {OutcomeKind.WAIVED} else 1,
        prepared_at=NOON if outcome is OutcomeKind.PREPARED else None,
    )


def histories(first):
    """Every history that begins with an attempt of outcome `first`, one or two attempts long."""
    for launch in (ONE, OTHER, RAISED):
        before = an_attempt(1, launch, first)
        yield (before,)
        if first in ON_ITS_WAY | {OutcomeKind.UNKNOWN}:
            # Nothing follows on what may still run.
            continue
        yield from (
            (before, an_attempt(2, item, outcome))
            for item in (ONE, OTHER, RAISED)
            for outcome in OutcomeKind
        )


def literally(case):  # noqa: C901, PLR0912 - a branch for each row
    """The rows of the table as they are written, for what `ALSO` and histories can say."""
    launch, attempts = case.launch, case.record.attempts
    newest = attempts[-1]
    ran = [item for item in attempts if item.outcome not in NEVER_RAN]
    if newest.outcome is OutcomeKind.UNKNOWN:
        return "2 block UNKNOWN"
    if launch is None:
        return "4 archive DELETED"
    if newest.outcome in ON_ITS_WAY:
        if newest.key != launch.key:
            return "3 block BUSY"
        return f"3 resume {'WAITING' if newest.outcome is OutcomeKind.WAITING else 'RUNNING'}"
    if any(item.key.revision > launch.revision for item in attempts):
        return "7 error REVISION_LOWERED"
    done = [item for item in attempts if item.outcome in ACCEPTED]
    if launch.policy.trigger == "once" and done:
        is_raised = launch.revision > done[-1].key.revision
        if not is_raised and done[-1].key.digest != launch.key.digest:
            return "8 error EDITED"
    if ran and ran[-1].key == launch.key and ran[-1].outcome in ACCEPTED:
        return "9 supersede SUPERSEDED" if newest.outcome in OPEN else "9 none IN_SYNC"
    # What was given up un-started was no attempt at all: a failure before it still stands.
    given_up = OutcomeKind.SUPERSEDED
    of_key = [item for item in attempts if item.key == launch.key and item.outcome is not given_up]
    came = of_key[-1].outcome if of_key else None
    is_raised = bool(ran) and launch.revision > ran[-1].key.revision
    asked = case.requested or is_raised or came in OPEN | BAD | {OutcomeKind.REFUSED}
    if launch.policy.trigger == "manual" and not asked:
        return "10 none MANUAL"
    if came in BAD | {OutcomeKind.REFUSED} and not case.retry:
        return f"11 block {'REFUSED' if came is OutcomeKind.REFUSED else 'FAILED'}"
    if case.needs:
        return "12 block NEEDS"
    if case.hold:
        return "13 hold FREEZE"
    if case.unreviewed:
        return "13 hold UNREVIEWED"
    if case.guard:
        return "14 block GUARD"
    if newest.outcome is OutcomeKind.PREPARED and newest.key == launch.key:
        return "15 resume PREPARED"
    return "16 launch"


def decided(case):
    verdict, rows = decide(case)
    word = f"{rows[-1].number} {verdict.action}"
    # Under which name a launch goes is told by tests of its own.
    return word if rows[-1].number == 16 else f"{word} {verdict.reason}"


@pytest.mark.parametrize("first", OutcomeKind)
def test_every_case_is_decided_as_the_table_is_written(first):
    pairs = ({**one, **other} for one, other in combinations(ALSO, 2))
    besides: list[dict[str, Any]] = [{}, *ALSO, *pairs]
    wrong = [
        (case, literally(case), decided(case))
        for history in histories(first)
        for launch in DECLARED
        for also in besides
        for case in [Case("web-deploy", launch, LaunchRecord("web-deploy", history), NOON, **also)]
        if literally(case) != decided(case)
    ]
    assert not wrong, wrong[0]
