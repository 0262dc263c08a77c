"""The wish to stop, as a person says it: by a signal."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from launcher.errors import LauncherError, combined

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["StopRequest"]

_STDERR = 2


class StopRequest:
    """The wish to stop at the next safe point.

    The first SIGINT or SIGTERM is only noted; a second SIGINT ends the run where it stands, which is
    safe as well: whatever was recorded stays so, and the next run carries on from there. What other threads wait for
    is given up then: they ask `ended`.
    """

    def __init__(self, words: str = "Stopping as soon as the record is saved.\n") -> None:
        self._words = words
        self._signal: int | None = None
        self._ended = False

    def asked(self) -> int | None:
        """The number of the signal, once there was one."""
        return self._signal

    def ended(self) -> bool:
        """Whether nothing is to be waited for any more."""
        return self._ended

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Take the signals while the body runs; where it fails after one, the exit code tells of that as well."""
        before = {
            number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        except LauncherError as error:
            if self._signal is not None:
                from launcher.operations.verdict import interruption

                error.exit_code = combined((error.exit_code, interruption(self._signal)))
            raise
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def obeyed(self) -> Iterator[None]:
        """While the body runs, let the first SIGINT end it where it stands.

        Where an interrupt would not do so anyway, as in a background job that ignores it, nothing changes.
        """
        in_main = threading.current_thread() is threading.main_thread()
        if not in_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            yield
            return
        signal.signal(signal.SIGINT, self._end)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    @contextmanager
    def left_alone(self) -> Iterator[None]:
        """Within `watched`: let an interrupt end the body, which waits for a person."""
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self._signal is not None:
            if number == signal.SIGINT:
                self._end(number, frame)
            return
        self._signal = number
        # Not through the stream, which may be in the middle of a write; nobody has to be there to read it.
        with suppress(OSError):
            os.write(_STDERR, self._words.encode())

    def _end(self, number: int, _frame: FrameType | None) -> None:
        self._signal = self._signal or number
        self._ended = True
        raise KeyboardInterrupt
