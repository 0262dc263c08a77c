"""Never backwards: a run for an older commit than the one that was applied last is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.events import Draft, Kind
from launcher.errors import RefusedToAct
from launcher.forge.git import Relation
from launcher.forge.history import Access
from launcher.manifest.discovery import selects

if TYPE_CHECKING:
    from launcher.engine.recorded import Recorded
    from launcher.operations.site import Site

__all__ = ["HISTORY", "RULE", "backwards", "check_commit", "work_tree_notes"]

RULE = "STALE_COMMIT"
"""What an `overridden` event calls this rule."""


HISTORY = "L530"
"""Says that history is missing."""


def backwards(site: Site, recorded: Recorded, *, fetch: bool) -> tuple[Diagnostic, ...]:
    """Why the commit at hand may not be applied; empty if it may. With `fetch`, missing history is fetched."""
    if recorded.commit is None:
        return ()
    facts = {
        "environment": site.environment.name,
        "head": site.commit or "",
        "recorded": recorded.commit,
    }
    if site.repository is None or site.commit is None:
        return (Diagnostic("L529", facts),)
    access = Access(site.settings.git_remote, site.settings.git_token)
    match site.repository.relation(site.commit, recorded.commit, fetch=fetch, access=access):
        case Relation.SAME | Relation.NEWER:
            return ()
        case Relation.OLDER:
            return (Diagnostic("L524", {**facts, "how": "is older than"}),)
        case Relation.UNRELATED:
            return (Diagnostic("L524", {**facts, "how": "does not come from"}),)
        case Relation.NOT_KNOWN:
            hint = "default" if site.repository.is_shallow() else "whole"
            return (Diagnostic(HISTORY, facts, hint=hint),)


def check_commit(
    site: Site, recorded: Recorded, *, allowed: bool, reason: str | None
) -> tuple[Draft, ...]:
    """Refuse an older commit, or give what records that a person allowed it.

    Raises:
        RefusedToAct: the commit is older or unrelated, or that cannot be found out.
    """
    problems = backwards(site, recorded, fetch=True)
    if not problems:
        return ()
    if not allowed:
        raise RefusedToAct(*problems)
    return (Draft(Kind.OVERRIDDEN, data={"rule": RULE, "reason": reason or ""}),)


def work_tree_notes(site: Site) -> tuple[Diagnostic, ...]:
    """Warnings about what the commit does not tell: there is no git, or what is declared was edited since."""
    if site.repository is None or site.commit is None:
        hint = "default" if site.repository is None else "repository"
        return (Diagnostic("L525", hint=hint),)
    if any(_declares(site, path) for path in site.repository.edited()):
        return (Diagnostic("L526", {"commit": site.commit[:12]}),)
    return ()


def _declares(site: Site, path: str) -> bool:
    """Whether the file at `path` has a say in what is applied."""
    document = site.workspace.document
    return path == document.path or any(selects(item, path) for item in document.manifests)
