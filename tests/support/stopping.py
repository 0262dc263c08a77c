"""A real `launcher` process that stops itself by SIGSTOP once, at a place named by its first argument.

`before-append`: when `starting` is about to be recorded. `after-append`: when it has been. `before-start`: when the
START is about to be handed to the client. `never`: not at all. A number behind it says at which of several:
`before-start/2`. The other arguments are launcher's.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from typing import Any

from launcher.cli.run import run
from launcher.engine.effects import Append, Begin, Start
from launcher.engine.events import Kind
from launcher.operations.performer import Performer

__all__: list[str] = []


def main(where: str, arguments: list[str]) -> int:
    """Run `launcher` with `arguments`; its exit code."""
    perform = Performer.perform
    place, _, number = where.partition("/")
    passed = itertools.count(1)

    def stop(here: str) -> None:
        if here == place and next(passed) == int(number or 1):
            os.kill(os.getpid(), signal.SIGSTOP)

    def stopping(self: Performer, effect: Any) -> Any:
        claims = isinstance(effect, Append) and any(
            draft.kind is Kind.STARTING for draft in effect.drafts
        )
        if claims:
            stop("before-append")
        if isinstance(effect, Begin) and isinstance(effect.call, Start):
            stop("before-start")
        answer = perform(self, effect)
        if claims:
            stop("after-append")
        return answer

    Performer.perform = stopping  # type: ignore[method-assign]
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
