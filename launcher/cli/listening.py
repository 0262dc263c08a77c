"""End a command that only shows something once nobody reads it any more: `launcher logs --follow | head`.

A command that does something goes on without its reader; see `launcher.cli.face.Stream`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.cli.face import Stream
    from launcher.operations.surroundings import Surroundings

__all__ = ["Listening", "NobodyListensError"]

_SLICE_S = 0.5
"""How long it may go unnoticed during a wait that the reader has gone."""

_Heard = TypeVar("_Heard")


class NobodyListensError(Exception):
    """The reader of the answer has gone away."""


class Listening:
    """The reader of `stream`, who is looked for after each thing that is shown and while nothing happens."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def check(self) -> None:
        """Go on only while somebody reads.

        Raises:
            NobodyListensError: nobody does.
        """
        if self._stream.is_unread():
            raise NobodyListensError

    def hear(self, tell: Callable[[_Heard], None]) -> Callable[[_Heard], None]:
        """`tell`, which raises as `check` once what it has told is not read."""

        def hear(heard: _Heard) -> None:
            tell(heard)
            self.check()

        return hear

    def surroundings(self, surroundings: Surroundings) -> Surroundings:
        """The same, whose `sleep` raises as `check`."""

        def sleep(seconds: float) -> None:
            left_s = seconds
            while left_s > 0:
                self.check()
                surroundings.sleep(min(_SLICE_S, left_s))
                left_s -= _SLICE_S
            self.check()

        return replace(surroundings, sleep=sleep)
