"""A real `launcher` process that stops itself by SIGSTOP once, at a place named by its first argument.

`before-append`: when `starting`, or `operating`, is about to be recorded. `after-append`: when it has been.
`before-start`: when the START, or the operation, is about to be handed to the client. `before-socket`: when the client is
about to connect for it. `after-look`: when the status of an instance has been read. `never`: not at all. A number behind it
says at which of several: `before-start/2`. The other arguments are launcher's.
"""

from __future__ import annotations

import itertools
import signal
import sys
import threading
from typing import Any

from launcher.cli.run import run
from launcher.engine.effects import Append, Begin, Operate, ReadStatus, Start
from launcher.engine.events import Kind
from launcher.job import calls
from launcher.job.transport import Wire
from launcher.operations.performer import Performer

__all__: list[str] = []

_CLAIMS = (Kind.STARTING, Kind.OPERATING)


def main(where: str, arguments: list[str]) -> int:
    """Run `launcher` with `arguments`; its exit code."""
    perform, send = Performer.perform, Wire.send
    place, _, number = where.partition("/")
    passed = itertools.count(1)

    def stop(here: str) -> None:
        if here == place and next(passed) == int(number or 1):
            # Sent to the process, it may be another thread that takes it, and this one goes on for a while.
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)

    def stopping(self: Performer, effect: Any) -> Any:
        claims = isinstance(effect, Append) and any(
            draft.kind in _CLAIMS for draft in effect.drafts
        )
        if claims:
            stop("before-append")
        if isinstance(effect, Operate) or (
            isinstance(effect, Begin) and isinstance(effect.call, Start)
        ):
            stop("before-start")
        answer = perform(self, effect)
        if isinstance(effect, ReadStatus):
            stop("after-look")
        if claims:
            stop("after-append")
        return answer

    def sending(self: Wire, call: calls.Call, *args: Any, **more: Any) -> Any:
        if call.kind in (calls.Kind.START, calls.Kind.OPERATE):
            stop("before-socket")
        return send(self, call, *args, **more)

    Performer.perform = stopping  # type: ignore[method-assign]
    Wire.send = sending  # type: ignore[method-assign]
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
