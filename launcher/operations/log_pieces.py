"""What of a log is new: JOB always gives the whole text."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.results import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.engine.results import FileLog, HostKey, HostLog, HostResult, StepResults

__all__ = ["Piece", "Pieces"]


@dataclass(frozen=True, slots=True)
class Piece:
    """What is new from one host.

    Attributes:
        number: of the step, from 1.
        step: how far it is.
        host: what came of the host so far.
        text: what it has printed since it was told of last.
        files: files whose log is new.
        anew: `text` and `files` begin from the start, and nothing that was told before counts any more.
        too_long: the log is longer than can be read.
    """

    number: int
    step: StepResults
    host: HostResult
    text: str
    files: tuple[FileLog, ...]
    anew: bool = False
    too_long: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    """How much of a host's log was told: not the text itself, of which there may be much."""

    executions: int
    length: int
    digest: bytes
    files: frozenset[FileLog]
    closed: bool


class Pieces:
    """Tells what is new of each host, and remembers how far it has told.

    Attributes:
        told: how many pieces were told.
        diagnostics: logs that could not be read.
    """

    def __init__(self, name: str, hear: Callable[[Piece], None]) -> None:
        self._name = name
        self._hear = hear
        self._known: dict[tuple[int, HostKey], _Known] = {}
        self.told = 0
        self.diagnostics: list[Diagnostic] = []

    def is_closed(self, step: StepResults, host: HostResult) -> bool:
        """Whether the log was read after the host had ended; a further execution opens it again."""
        known = self._known.get((step.step.id, host.host))
        return known is not None and known.closed and known.executions == step.step.executions

    def take(
        self, number: int, step: StepResults, host: HostResult, log: HostLog, *, is_last: bool
    ) -> None:
        """Tell what is new in `log`. A line without its end waits for it, unless nothing more will come."""
        closed = is_last or host.result is not Result.UNFINISHED
        text = log.text if closed else log.text[: log.text.rfind("\n") + 1]
        key = (step.step.id, host.host)
        before = self._known.get(key)
        goes_on = before is not None and _goes_on(before, step.step.executions, text)
        known = before if before is not None and goes_on else None
        new = text[known.length :] if known else text
        files = tuple(item for item in log.files if known is None or item not in known.files)
        self._known[key] = _Known(
            step.step.executions, len(text), _digest(text), frozenset(log.files), closed
        )
        if log.too_long:
            self._note(step, host)
        if new or files or closed:
            self.told += 1
            anew = before is not None and not goes_on
            self._hear(Piece(number, step, host, new, files, anew, log.too_long))

    def _note(self, step: StepResults, host: HostResult) -> None:
        facts = {
            "name": self._name,
            "step": step.step.name,
            "host": host.host.ip or str(host.host.id),
        }
        self.diagnostics.append(Diagnostic("L357", facts))


def _goes_on(known: _Known, executions: int, text: str) -> bool:
    """Whether `text` begins with what was told before, in the same execution."""
    is_same = known.executions == executions and len(text) >= known.length
    return is_same and _digest(text[: known.length]) == known.digest


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
