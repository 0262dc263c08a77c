"""Sentences of our own for an outcome's message, taken from the catalogue by code."""

from __future__ import annotations

from launcher.catalogue import texts
from launcher.diagnostics import Diagnostic

__all__ = ["cut", "say"]

_LONGEST = 2000


def say(code: str, **facts: str) -> str:
    """The catalogue's sentences for `code`, with the code behind them for `launcher explain`."""
    return f"{texts(Diagnostic(code, facts, hint=None)).detail} ({code})"


def cut(text: str) -> str:
    """Text from outside, no longer than anybody would read."""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
