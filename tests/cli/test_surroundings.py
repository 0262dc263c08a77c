"""What this process takes for time."""

from __future__ import annotations

import signal
import time

import pytest

from launcher.cli.surroundings import StopRequest, real_surroundings
from launcher.diagnostics import Diagnostic
from launcher.errors import LockHeld, OutcomeUnknown, SurroundingsFailed


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="another clock counts here")
def test_deadlines_go_on_while_the_machine_sleeps(monkeypatch):
    """Otherwise a START could go out an hour after its record, when the lid is opened again."""
    here = real_surroundings({}, StopRequest())
    before, really = here.monotonic(), time.clock_gettime

    def slept(clock: int) -> float:
        return really(clock) + (3600 if clock == time.CLOCK_BOOTTIME else 0)

    monkeypatch.setattr(time, "clock_gettime", slept)

    assert here.monotonic() - before >= 3600


def interrupt(number: signal.Signals = signal.SIGINT) -> None:
    """What a terminal does; the handler runs before this returns."""
    signal.raise_signal(number)


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_only_a_second_interrupt_ends_what_is_waited_for(capfd, first):
    stop = StopRequest()
    here = real_surroundings({}, stop)
    with stop.watched():
        interrupt(first)
        assert (here.stop(), here.ended()) == (first, False)
        interrupt(signal.SIGTERM)
        assert not here.ended()
        with pytest.raises(KeyboardInterrupt):
            interrupt()
    assert (here.stop(), here.ended()) == (first, True)
    assert capfd.readouterr().err == "Stopping as soon as the record is saved.\n"


def test_the_first_interrupt_ends_a_command_that_only_looks():
    stop = StopRequest()
    here = real_surroundings({}, stop)
    with pytest.raises(KeyboardInterrupt), stop.obeyed():
        interrupt()
    assert (here.stop(), here.ended()) == (signal.SIGINT, True)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_command_in_the_background_goes_on_ignoring_interrupts():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop = StopRequest()
    try:
        with stop.obeyed():
            interrupt()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert (stop.asked(), stop.ended()) == (None, False)


@pytest.mark.parametrize(
    ("number", "error", "code"),
    [
        (None, SurroundingsFailed, 1),
        (signal.SIGINT, SurroundingsFailed, 130),
        (signal.SIGTERM, SurroundingsFailed, 143),
        (signal.SIGINT, LockHeld, 130),
        (signal.SIGINT, OutcomeUnknown, 6),
    ],
)
def test_what_fails_because_it_was_stopped_ends_as_what_was_stopped(number, error, code):
    stop = StopRequest("")

    def run() -> None:
        with stop.watched():
            if number is not None:
                interrupt(number)
            raise error(Diagnostic("L553"))

    with pytest.raises(error) as failed:
        run()
    assert failed.value.exit_code == code
