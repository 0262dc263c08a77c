"""Says in our own words what is found on a ledger's branch and does not belong there."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from launcher.catalogue import texts
from launcher.diagnostics import Diagnostic
from launcher.errors import RefusedToAct
from launcher.ledger.chain import WentBack
from launcher.ledger.git_tree import ForeignTree
from launcher.ledger.journal import DamagedLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from launcher.errors import SurroundingsFailed
    from launcher.ledger.git_tree import Segment

__all__ = ["in_words", "naming", "said"]


def in_words(error: SurroundingsFailed) -> str:
    """What `error` says, for a message inside another one."""
    return " ".join(texts(item).detail for item in error.diagnostics)


@contextmanager
def said(location: str) -> Iterator[None]:
    """Refuse a tree that launcher did not write, and one that does not hold what it held before.

    Raises:
        RefusedToAct: there is one of these inside.
    """
    try:
        yield
    except ForeignTree as found:
        facts = {"path": location, "problem": found.problem}
        raise RefusedToAct(Diagnostic("L454", facts)) from found
    except WentBack as found:
        facts = {
            "path": location,
            "known": str(found.known.serial),
            "found": str(found.found.serial),
        }
        raise RefusedToAct(Diagnostic("L408", facts)) from found


@contextmanager
def naming(location: str, segments: Sequence[Segment]) -> Iterator[None]:
    """Refuse a damaged line, by its file among `segments` and its number there.

    Raises:
        RefusedToAct: there is one inside.
    """
    try:
        yield
    except DamagedLine as found:
        segment = [item for item in segments if item.first <= found.line][-1]
        facts = {
            "path": f"{location} {segment.path}",
            "line": str(found.line - segment.first + 1),
            **found.damage.facts,
        }
        raise RefusedToAct(Diagnostic(found.damage.code, facts)) from found
