"""The two streams, how they are painted, and where the reader stands."""

from __future__ import annotations

import os
import select
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

from launcher.cli.stopping import StopRequest
from launcher.render.paint import Paint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from launcher.render.diagnostics import View

__all__ = ["Color", "Face", "Stream"]

Color = Literal["auto", "always", "never"]


class Stream:
    """One of the two streams. A reader that has gone away is no failure: what follows is dropped."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._is_dropped = False
        reconfigure = getattr(file, "reconfigure", None)
        if reconfigure is not None:
            # A terminal that is not UTF-8 shows the code of a character that it does not have.
            reconfigure(errors="backslashreplace")

    def write(self, text: str) -> None:
        """Show `text` now."""
        if not text:
            return
        try:
            self._file.write(text)
            self._file.flush()
        except BrokenPipeError:
            self._drop()

    def is_unread(self) -> bool:
        """Whether its reader has gone away, as far as the platform tells before the next write."""
        if self._is_dropped or not hasattr(select, "poll"):
            return self._is_dropped
        try:
            number = self._file.fileno()
        except OSError:  # it is kept in memory
            return False
        poll = select.poll()
        poll.register(number, 0)
        # Source: poll(2): a pipe's writing end whose last reader has closed is in error, whatever is asked for.
        return any(found & (select.POLLERR | select.POLLHUP) for _, found in poll.poll(0))

    def is_terminal(self) -> bool:
        """Whether a person is reading."""
        return self._file.isatty()

    def _drop(self) -> None:
        """Send what is buffered, and all that follows, nowhere: the interpreter flushes once more when it ends."""
        self._is_dropped = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._file.fileno())
        os.close(nowhere)


@dataclass(slots=True)
class Face:
    """What a command shows itself with. Filled in as the options are read, wherever they stand.

    Attributes:
        answer: standard output: the answer, and nothing else.
        aside: standard error: questions, progress, diagnostics.
        environ: the environment of the process.
        color: as asked for.
        output: the form of the answer as asked for.
        language: what JOB's messages are to come in, as asked for.
        directory: where `-C` points, or the working directory.
        interrupt: what ends a command that has no safe point of its own to stop at.
    """

    answer: Stream
    aside: Stream
    environ: Mapping[str, str]
    color: Color = "auto"
    output: str = "text"
    language: str | None = None
    directory: Path = field(default_factory=Path.cwd)
    interrupt: StopRequest = field(default_factory=StopRequest)

    def paint(self, stream: Stream) -> Paint:
        """The colours of `stream`. Source: no-color.org; a dumb terminal shows escapes as text."""
        if self.color == "auto":
            wanted = not self.environ.get("NO_COLOR") and self.environ.get("TERM") != "dumb"
            return Paint(wanted and stream.is_terminal())
        return Paint(self.color == "always")

    def view(self, root: Path | None) -> View:
        """How diagnostics are shown on standard error; `root` is the workspace that their places are relative to."""
        from launcher.render.diagnostics import View

        if root is None:
            return View(self.paint(self.aside))
        return View(
            paint=self.paint(self.aside),
            sources=lambda path: _lines(root, path),
            name=lambda path: path if Path(path).is_absolute() else os.path.relpath(root / path),
        )


def _lines(root: Path, path: str) -> Sequence[str] | None:
    # What lies outside of the workspace is the user's own configuration, whose lines may hold secrets.
    if Path(path).is_absolute():
        return None
    from launcher.manifest.sources import lines_of

    try:
        return lines_of((root / path).read_bytes())
    except OSError:
        return None
