"""Colours and weights for terminals, or none at all: decided once, by whoever knows the stream."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PLAIN", "Paint"]


@dataclass(frozen=True, slots=True)
class Paint:
    """Puts a meaning into colour; with `enabled` off, every text comes back as it is."""

    enabled: bool = False

    def bold(self, text: str) -> str:
        """A heading, or a name that is looked for."""
        return self._sgr("1", text)

    def faint(self, text: str) -> str:
        """What matters less."""
        return self._sgr("2", text)

    def good(self, text: str) -> str:
        """It went well, or something is added."""
        return self._sgr("32", text)

    def bad(self, text: str) -> str:
        """It went wrong, or something stops here."""
        return self._sgr("1;31", text)

    def careful(self, text: str) -> str:
        """Somebody should look."""
        return self._sgr("33", text)

    def quiet(self, text: str) -> str:
        """A place, a gutter, a frame."""
        return self._sgr("36", text)

    def _sgr(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.enabled and text else text


PLAIN = Paint()
