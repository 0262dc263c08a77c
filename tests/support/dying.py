"""Forks real `launcher` processes to order; a process of its own, started by `tests.support.mortal`.

It imports once what its children need. For each order that it reads from its standard input it forks
one child, which runs the real command line; only the method that performs effects is wrapped, to
count them and to die by SIGKILL.

An order is one JSON line: `arguments`, `environ`, `directory`, `output` (a file for what is printed;
what is printed aside goes beside it), `fuse` (the number of the effect to die at; null for never),
`late` (die after it took hold), `at` (`effect`, or `request`: then HTTP requests are counted, of which
a batch makes many). The answer is one JSON line: `code` (negative: the signal it died by) and
`effects` (how many effects, or requests, there were).
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import launcher.job.server
import launcher.operations.apply
from launcher.cli.run import run
from launcher.job.transport import Wire
from launcher.operations.performer import Performer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PRELOADED = (launcher.job.server, launcher.operations.apply)


def _serve() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        counter = Path(order["output"]).with_suffix(".effects")
        counter.write_text("")
        child = os.fork()
        if child == 0:
            _live(order, counter)
        _, status = os.waitpid(child, 0)
        answer = {
            "code": os.waitstatus_to_exitcode(status),
            "effects": counter.stat().st_size,
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _live(order: Mapping[str, Any], counter: Path) -> None:
    os.chdir(order["directory"])
    os.environ.clear()
    os.environ.update(order["environ"])
    output = Path(order["output"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream, path in ((1, output), (2, output.with_suffix(".aside"))):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream)
    count = os.open(counter, os.O_WRONLY | os.O_APPEND)
    holder, name = (Performer, "perform") if order["at"] == "effect" else (Wire, "send")
    setattr(holder, name, _mortal(getattr(holder, name), order, count))
    code = 70
    try:
        code = run(order["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _mortal(method: Callable[..., Any], order: Mapping[str, Any], count: int) -> Callable[..., Any]:
    """`method`, counted in the file `count`, and the death of the process at one of its calls."""
    numbers = itertools.count(1)

    def mortal(*arguments: Any, **named: Any) -> Any:
        number = next(numbers)  # by one thread at a time
        os.write(count, b".")
        if number == order["fuse"] and not order["late"]:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = method(*arguments, **named)
        if number == order["fuse"]:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return mortal


if __name__ == "__main__":
    _serve()
