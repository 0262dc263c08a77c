"""What is wrong with a setting, said the same way everywhere."""

from __future__ import annotations

from launcher.diagnostics import Diagnostic

__all__ = ["bad"]


def bad(variable: str, reason: str) -> Diagnostic:
    """The value of `variable` cannot be used; it is never quoted: it may be a secret."""
    return Diagnostic("L501", {"variable": variable, "reason": reason})
