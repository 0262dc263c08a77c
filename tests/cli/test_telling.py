"""What a person who waits with an apply is told."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

from launcher.cli.face import Face, Stream
from launcher.cli.tell import TextTeller
from launcher.engine.changeset import Action, Reason
from launcher.engine.recorded import OutcomeKind
from launcher.operations.progress import Observed, Planned
from tests.unit.render.test_changeset import a_change, a_changeset

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ANSWER = "launcher confirm web-deploy -e sandbox --continue --reason TEXT\n"


def told(change, *outcomes):
    shown = StringIO()
    teller = TextTeller(Face(Stream(StringIO()), Stream(shown), {}))
    teller(Planned(a_changeset(change), NOON))
    for outcome in outcomes:
        teller(Observed("web-deploy", 1, 20000000001, None, outcome, NOON))
    return shown.getvalue()


def test_a_launch_that_begins_to_wait_comes_with_the_command_that_answers():
    text = told(a_change(), OutcomeKind.RUNNING, OutcomeKind.WAITING)
    assert text.count(ANSWER) == 1
    assert ANSWER not in told(a_change(), OutcomeKind.RUNNING)


def test_a_launch_that_waits_already_comes_with_it_as_well():
    assert ANSWER in told(a_change(action=Action.RESUME, reason=Reason.WAITING))
    assert ANSWER not in told(a_change(action=Action.RESUME, reason=Reason.RUNNING))
