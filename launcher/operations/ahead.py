"""Reads that are begun before the engine asks for them, so that no connection idles meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from concurrent.futures import Future

__all__ = ["Ahead"]

_FRESH_S = 5.0
"""How long before it is asked for a read may have begun; as long as a START may take to be sent."""

K = TypeVar("K", bound="Hashable")
T = TypeVar("T")


class Ahead(Generic[K, T]):
    """Asks one kind of question, some of them early.

    An early answer is as good as one that came a moment later: it is given out only if its question was
    asked after whatever it must follow on (`forget` says when that happens), and not long ago. `begin` may be called
    from any thread, the rest by one.
    """

    def __init__(
        self,
        ask: Callable[[K], Future[T]],
        monotonic: Callable[[], float],
        *,
        keeps: Callable[[T], bool] = lambda _: False,
    ) -> None:
        """Ask nothing yet.

        Args:
            ask: begins to ask.
            monotonic: seconds of a clock that never jumps.
            keeps: whether an answer may be given out more than once.
        """
        self._ask = ask
        self._monotonic = monotonic
        self._keeps = keeps
        self._begun: dict[K, tuple[float, Future[T]]] = {}

    def begin(self, question: K) -> None:
        """Ask now."""
        self._begun[question] = self._monotonic(), self._ask(question)

    def calls(self, questions: Iterable[K]) -> list[Future[T]]:
        """The answers to come, in order; a question that stands twice is asked once."""
        wanted = tuple(questions)
        oldest_s = self._monotonic() - _FRESH_S
        found: dict[K, Future[T]] = {}
        for question in dict.fromkeys(wanted):
            begun = self._begun.get(question)
            if begun is None or begun[0] < oldest_s:
                self.begin(question)
            found[question] = self._begun[question][1]
        return [found[question] for question in wanted]

    def answers(self, questions: Iterable[K]) -> tuple[T, ...]:
        """The answers, in order; waits for them."""
        wanted = tuple(questions)
        found = tuple(call.result() for call in self.calls(wanted))
        self.given(wanted)
        return found

    def given(self, questions: Iterable[K]) -> None:
        """The answers to `questions` are known: those that may be given out once are forgotten."""
        for question in dict.fromkeys(questions):
            begun = self._begun.get(question)
            if begun is not None and begun[1].done() and not self._keeps(begun[1].result()):
                del self._begun[question]

    def forget(self) -> None:
        """Give out nothing that has begun by now."""
        self._begun.clear()
