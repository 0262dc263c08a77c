"""The real surroundings of a run: the clock, chance, the person, and the wish to stop."""

from __future__ import annotations

import getpass
import os
import secrets
import signal
import socket
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from launcher import __version__
from launcher.operations.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

    from launcher.cli.face import Face

__all__ = ["StopRequest", "real_surroundings", "surroundings_of", "utc_now"]

_STDERR = 2
_SLICE_S = 0.1
"""How long a wish to stop may go unnoticed during a wait."""


class StopRequest:
    """The wish to stop at the next safe point.

    The first SIGINT or SIGTERM is only noted; a second SIGINT ends the run where it stands, which is
    safe as well: whatever was recorded stays so, and the next run carries on from there.
    """

    def __init__(self, words: str = "Stopping as soon as the record is saved.\n") -> None:
        self._words = words
        self._signal: int | None = None

    def asked(self) -> int | None:
        """The number of the signal, once there was one."""
        return self._signal

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Take the signals while the body runs."""
        before = {
            number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def left_alone(self) -> Iterator[None]:
        """Within `watched`: let an interrupt end the body, which waits for a person."""
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self._signal is not None:
            if number == signal.SIGINT:
                raise KeyboardInterrupt
            return
        self._signal = number
        # Not through the stream, which may be in the middle of a write; nobody has to be there to read it.
        with suppress(OSError):
            os.write(_STDERR, self._words.encode())


def real_surroundings(
    environ: Mapping[str, str], stop: StopRequest, language: str | None = None
) -> Surroundings:
    """What this process and this machine are."""
    return Surroundings(
        environ=environ,
        now=utc_now,
        monotonic=awake_or_not,
        sleep=lambda seconds: _sleep(seconds, stop),
        stop=stop.asked,
        entropy=secrets.token_hex,
        actor=_actor(),
        host=socket.gethostname(),
        pid=os.getpid(),
        tool=__version__,
        language=language,
    )


def surroundings_of(face: Face) -> Surroundings:
    """The surroundings of a command that an interrupt simply ends."""
    return real_surroundings(face.environ, StopRequest(), face.language)


def awake_or_not() -> float:
    """Seconds of a clock that never jumps, and goes on while the machine sleeps: a START must not go out after that.

    Source: clock_gettime(2); Python's own monotonic clock stands still meanwhile on Linux.
    """
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one clock that all others are handed down from


def _sleep(seconds: float, stop: StopRequest) -> None:
    # In slices: a handler that only notes a signal does not end a sleep. Source: PEP 475.
    ends = time.monotonic() + seconds
    while stop.asked() is None and (left := ends - time.monotonic()) > 0:
        time.sleep(min(_SLICE_S, left))  # noqa: TID251 - the one place that waits


def _actor() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container without an entry for its user.
        return f"uid {os.getuid()}"
