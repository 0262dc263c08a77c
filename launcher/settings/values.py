"""Settings as somebody wrote them, each with where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.diagnostics import Place

__all__ = ["Given", "Source", "bad", "of_variable"]


class Source(StrEnum):
    """What a setting can come from; an earlier one wins."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Given:
    """One setting that somebody gave.

    Attributes:
        name: what it is called where it stands: a variable, or a field of the user configuration.
        text: the value; it may be a secret.
        source: what it came from.
        variable: the variable that holds the value, also where a file refers to it.
        secret_file: the file that holds the value, where the user configuration refers to it.
        place: where the user configuration says so.
    """

    name: str
    text: str = field(repr=False)
    source: Source = Source.ENVIRONMENT
    variable: str | None = None
    secret_file: str | None = None
    place: Place | None = None


def of_variable(environ: Mapping[str, str], *names: str) -> Given | None:
    """The first of the variables `names` that `environ` holds."""
    for name in names:
        if name in environ:
            return Given(name, environ[name], variable=name)
    return None


def bad(given: Given, reason: str) -> Diagnostic:
    """`given` cannot be used; it is never quoted: it may be a secret."""
    return Diagnostic("L501", {"variable": given.name, "reason": reason}, given.place)
