"""What this process takes for time."""

from __future__ import annotations

import time

import pytest

from launcher.cli.surroundings import StopRequest, real_surroundings


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="another clock counts here")
def test_deadlines_go_on_while_the_machine_sleeps(monkeypatch):
    """Otherwise a START could go out an hour after its record, when the lid is opened again."""
    here = real_surroundings({}, StopRequest())
    before, really = here.monotonic(), time.clock_gettime

    def slept(clock: int) -> float:
        return really(clock) + (3600 if clock == time.CLOCK_BOOTTIME else 0)

    monkeypatch.setattr(time, "clock_gettime", slept)

    assert here.monotonic() - before >= 3600
