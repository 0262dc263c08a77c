"""What a problem is: a code, the facts of this case, and the place it was found at.

A diagnostic holds no sentence. Its texts stand in `launcher.catalogue` under its code, so that a
second language can follow and so that a code means the same everywhere. Logic names a *place* by
its route (file and pointer); lines and columns are filled in when the file is at hand
(`launcher.manifest.locate`). Imports nothing of ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Diagnostic", "Place", "Pointer", "Severity", "Span", "in_order", "json_pointer"]

Pointer = tuple[str | int, ...]
"""A route into a document: mapping keys and sequence indexes from the root."""


class Severity(StrEnum):
    """How much a diagnostic weighs: an `ERROR` stops what was asked, a `WARNING` does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of text. Lines and columns count from 1, columns in code points; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a diagnostic belongs.

    Attributes:
        path: the file, relative to the workspace, with forward slashes; absolute outside of it.
        pointer: the route to the value inside it; `None` for the file as a whole.
        of_key: the key at `pointer` is meant, not its value.
        span: the lines and columns, once they are known.
    """

    path: str
    pointer: Pointer | None = None
    of_key: bool = False
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem, as a value.

    Attributes:
        code: `L` and three digits: a key of the catalogue.
        facts: the words that the catalogue's templates for this code need, as they were found;
            whoever shows them makes control characters visible.
        place: where it is, if it is in a file.
        hint: which of the code's hints fits this case; `None` for no hint.
        related: a second place that disagrees with the first.
    """

    code: str
    facts: Mapping[str, str] = field(default_factory=dict)
    place: Place | None = None
    hint: str | None = "default"
    related: Place | None = None

    def at(self, span: Span | None) -> Diagnostic:
        """The same diagnostic with `span` as the lines and columns of its place."""
        return self if self.place is None else replace(self, place=replace(self.place, span=span))


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by place (path, line, column), then by code; those without a place come first."""
    return tuple(sorted(diagnostics, key=_rank))


def _rank(diagnostic: Diagnostic) -> tuple[str, int, int, str, tuple[tuple[str, str], ...]]:
    place = diagnostic.place
    span = place.span if place else None
    return (
        place.path if place else "",
        span.line if span else 0,
        span.column if span else 0,
        diagnostic.code,
        tuple(sorted(diagnostic.facts.items())),
    )


def json_pointer(pointer: Pointer) -> str:
    """`pointer` in the notation of RFC 6901: `/spec/variables/web~1port`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in pointer)
