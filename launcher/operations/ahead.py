"""Reads that are begun before the engine asks for them, so that no connection idles meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from concurrent.futures import Executor, Future

__all__ = ["Ahead"]

_FRESH_S = 5.0
"""How long before it is asked for a read may have begun; as long as a START may take to be sent."""

K = TypeVar("K", bound="Hashable")
T = TypeVar("T")


class Ahead(Generic[K, T]):
    """Asks one kind of question, some of them early. Used by one thread.

    An early answer is as good as one that came a moment later: it is given out only if its question was
    sent after whatever it must follow on (`forget` says when that happens), and not long ago.
    """

    def __init__(
        self,
        pool: Executor,
        ask: Callable[[K], T],
        monotonic: Callable[[], float],
        *,
        keeps: Callable[[T], bool] = lambda _: False,
    ) -> None:
        """Ask nothing yet.

        Args:
            pool: where questions are asked.
            ask: how one is.
            monotonic: seconds of a clock that never jumps.
            keeps: whether an answer may be given out more than once.
        """
        self._pool = pool
        self._ask = ask
        self._monotonic = monotonic
        self._keeps = keeps
        self._begun: dict[K, Future[tuple[float, T]]] = {}

    def begin(self, question: K) -> None:
        """Ask now, unless it is being asked already."""
        if question not in self._begun:
            self._begun[question] = self._pool.submit(self._timed, question)

    def answers(self, questions: Iterable[K]) -> tuple[T, ...]:
        """The answers, in order; a question that stands twice is asked once."""
        wanted = tuple(questions)
        oldest_s = self._monotonic() - _FRESH_S
        for question in wanted:
            self.begin(question)
        for question in set(wanted):
            if self._begun[question].result()[0] < oldest_s:
                del self._begun[question]
                self.begin(question)
        found = {question: self._begun[question].result()[1] for question in wanted}
        for question, answer in found.items():
            if not self._keeps(answer):
                del self._begun[question]
        return tuple(found[question] for question in wanted)

    def forget(self) -> None:
        """Give out nothing that has begun by now."""
        for future in self._begun.values():
            future.cancel()
        self._begun.clear()

    def _timed(self, question: K) -> tuple[float, T]:
        return self._monotonic(), self._ask(question)
