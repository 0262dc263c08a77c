"""What a person who waits with an apply is told."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

from launcher.cli.face import Face, Stream
from launcher.cli.tell import TextTeller
from launcher.diagnostics import Diagnostic
from launcher.engine.changeset import Action, Reason
from launcher.engine.recorded import OutcomeKind
from launcher.operations.progress import EffectDone, Note, Observed, Planned
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


def test_that_job_is_silent_is_said_once_and_not_with_every_look():
    shown = StringIO()
    teller = TextTeller(Face(Stream(StringIO()), Stream(shown), {}))
    lost = EffectDone("read-status", ("web-deploy",), 0, 1, NOON)
    dark = Note(Diagnostic("L271", {"count": "3", "message": "no answer"}), NOON)
    light = Note(Diagnostic("L272", {"count": "9"}, hint=None), NOON)
    for progress in (lost, dark, lost, lost, light, lost):
        teller(progress)

    assert [line[:28] for line in shown.getvalue().splitlines()] == [
        "12:00:00Z  read-status: web-",
        "12:00:00Z  warning[L271]: In",
        "           launcher status -",
        "12:00:00Z  warning[L272]: In",
        "12:00:00Z  read-status: web-",
    ]


def test_a_warning_is_told_once_before_anything_is_done(demo):
    text = demo("apply", "--yes").err
    assert text.count("warning[L525]") == 1
    assert text.index("warning[L525]") < text.index("prepared: db-migrate")


def test_programs_are_told_of_a_warning_once_before_anything_is_done(demo):
    lines = demo("apply", "--yes", "-o", "jsonl").out.splitlines()
    warned = [number for number, line in enumerate(lines) if '"L525"' in line]
    assert warned == [2]
