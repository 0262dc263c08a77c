"""Forks real `launcher` processes to order; a process of its own, started by `tests.support.mortal`.

It imports once what its children need. For each order that it reads from its standard input it forks
one child, which runs the real command line; only the method that performs effects is wrapped, to
count them and to die by SIGKILL.

An order is one JSON line: `arguments`, `environ`, `directory`, `output` (a file for what is printed;
what is printed aside goes beside it), `fuse` (the number of the effect to die at; null for never),
`late` (die after it took hold). The answer is one JSON line: `code` (negative: the signal it died
by) and `effects` (how many there were).
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import launcher.job.server
import launcher.operations.apply
from launcher.cli.run import run
from launcher.operations.performer import Performer

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    perform = Performer.perform
    seen = 0

    def mortal(self: Performer, effect: Any) -> Any:
        nonlocal seen
        seen += 1
        os.write(count, b".")
        if seen == order["fuse"] and not order["late"]:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = perform(self, effect)
        if seen == order["fuse"]:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    Performer.perform = mortal  # type: ignore[method-assign]
    code = 70
    try:
        code = run(order["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve()
