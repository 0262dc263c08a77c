"""The console entry: answers `--version` at once, and leaves everything else to `run`."""

from __future__ import annotations

import gc
import sys
from typing import NoReturn

from launcher import __version__

__all__ = ["main"]


def main() -> NoReturn:
    """Run `launcher` with the arguments of the process, and exit with its code."""
    arguments = sys.argv[1:]
    if arguments and arguments[0] in ("--version", "-V"):
        print(f"launcher {__version__}")  # noqa: T201 - the answer
        sys.exit(0)
    from launcher.cli.run import run

    # What a command makes it keeps to its end: looking for garbage every 700 objects took a tenth of the time.
    gc.set_threshold(200_000, 20, 20)
    sys.exit(run(arguments))
