"""Ask, and take expected trouble for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from launcher.catalogue import texts
from launcher.engine.effects import Unknown
from launcher.errors import LauncherError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["answered", "in_words"]

S = TypeVar("S")
T = TypeVar("T")


def answered(ask: Callable[[S], T], question: S) -> T | Unknown:
    """What `ask` answers to `question`; `Unknown` where it fails in a way that is expected."""
    try:
        return ask(question)
    except LauncherError as error:
        # The sandbox's own state could not be read or written; whether the request took hold is not known.
        return Unknown(in_words(error))


def in_words(error: LauncherError) -> str:
    """What `error` says, for a message inside another one."""
    return " ".join(f"{texts(item).detail} ({item.code})" for item in error.diagnostics)
