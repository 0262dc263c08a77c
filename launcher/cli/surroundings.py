"""The real surroundings of a run: the clock, chance, the person, and the wish to stop."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from launcher import __version__
from launcher.cli.stopping import StopRequest
from launcher.operations.surroundings import Surroundings, unheard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from launcher.cli.face import Face
    from launcher.diagnostics import Diagnostic

__all__ = ["StopRequest", "real_surroundings", "surroundings_of", "utc_now"]

_SLICE_S = 0.1
"""How long a wish to stop may go unnoticed during a wait."""


def real_surroundings(
    environ: Mapping[str, str],
    stop: StopRequest,
    language: str | None = None,
    remark: Callable[[Diagnostic], None] = unheard,
) -> Surroundings:
    """What this process and this machine are; `remark` hears of what takes long."""
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
        ended=stop.ended,
        remark=remark,
    )


def surroundings_of(face: Face, stop: StopRequest | None = None) -> Surroundings:
    """The surroundings of a command that `stop` may end; without it, of one that an interrupt simply ends."""

    def remark(diagnostic: Diagnostic) -> None:
        from launcher.render.diagnostics import headline

        face.aside.write(headline(diagnostic) + "\n")

    return real_surroundings(face.environ, stop or face.interrupt, face.language, remark)


_CLOCK: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def awake_or_not() -> float:
    """Seconds of a clock that never jumps, and goes on while the machine sleeps: a START must not go out after that.

    Source: clock_gettime(2); Python's own monotonic clock stands still meanwhile on Linux.
    """
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)


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
