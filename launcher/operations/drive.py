"""Carry a flow of the engine to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from launcher.engine.effects import Effect

__all__ = ["drive"]

T = TypeVar("T")


def drive(
    flow: Generator[Effect, Any, T],
    perform: Callable[[Effect], Any],
    tell: Callable[[Effect, Any], None] | None = None,
) -> T:
    """Perform what `flow` asks for, one effect after the other, until it returns.

    `tell` hears of every effect and its answer, before the flow does.
    """
    try:
        effect = next(flow)
        while True:
            answer = perform(effect)
            if tell is not None:
                tell(effect, answer)
            effect = flow.send(answer)
    except StopIteration as done:
        result: T = done.value
        return result
