"""Explain the decision on one launch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.history import NO_HISTORY
from launcher.engine.obstacles import waiting_among
from launcher.errors import WrongUsage
from launcher.operations.diff import DiffRequest, diff
from launcher.operations.opening import unknown_names
from launcher.operations.past import has_past, name_now, past_of
from launcher.operations.record import open_ledger
from launcher.operations.site import find_site

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.engine.changeset import Change
    from launcher.engine.history import History
    from launcher.engine.obstacles import Waiting
    from launcher.engine.recorded import LaunchRecord
    from launcher.ledger.port import Ledger
    from launcher.operations.diff import Diffed
    from launcher.operations.surroundings import Surroundings

__all__ = ["Explained", "Kept", "why"]


@dataclass(frozen=True, slots=True)
class Explained:
    """Why one launch has its action.

    Attributes:
        root: the workspace.
        environment: the target.
        change: the decision, with the rows that were tried; what would unblock it stands in
            `launcher.catalogue.english.reasons` under its reason.
        diagnostics: what speaks against it, and warnings.
        waiting: the launches that it needs and waits for; `None` where it waits for none.
        history: what was done to it, where somebody may ask who went on with it or ended it.
    """

    root: Path
    environment: str
    change: Change
    diagnostics: tuple[Diagnostic, ...]
    waiting: Waiting | None = None
    history: History = NO_HISTORY


@dataclass(frozen=True, slots=True)
class Kept:
    """A name that is archived: nothing is declared under it, and nothing is decided about it.

    Attributes:
        root: the workspace.
        environment: the target.
        record: what is on record of it.
        history: who archived it, and what else was done to it.
        diagnostics: warnings.
    """

    root: Path
    environment: str
    record: LaunchRecord
    history: History
    diagnostics: tuple[Diagnostic, ...]


def why(
    directory: Path, environment: str | None, name: str, *, surroundings: Surroundings
) -> Explained | Kept:
    """Why `name` has its action, among everything else that is declared: its needs are decided as an apply would.

    Raises:
        WrongUsage: no such launch is declared or on record.
        LauncherError: as for `diff`.
    """
    found = diff(DiffRequest(directory, environment, as_applied=True), surroundings)
    changeset = found.changeset
    about = tuple(
        item
        for item in (*changeset.diagnostics, *found.diagnostics)
        if item.facts.get("name", name) == name
    )
    ledger = open_ledger(find_site(directory, environment, surroundings))
    change, record = changeset.change(name), found.recorded.launches.get(name)
    if change is not None:
        asks = change.newest is not None and has_past(change.newest)
        history = past_of(ledger, [name] if asks else [])
        return Explained(
            root=found.root,
            environment=changeset.environment,
            change=change,
            diagnostics=about,
            waiting=waiting_among(changeset.changes).get(name),
            history=history.get(name, NO_HISTORY),
        )
    if record is not None:
        history = past_of(ledger, [name])
        return Kept(found.root, changeset.environment, record, history[name], about)
    raise _unknown(name, found, ledger)


def _unknown(name: str, found: Diffed, ledger: Ledger) -> WrongUsage:
    environment = found.changeset.environment
    now = name_now(ledger, name)
    if now is not None:
        facts = {"name": name, "environment": environment, "nearest": now}
        return WrongUsage(Diagnostic("L523", facts, hint="renamed"))
    known = {item.name for item in found.changeset.changes}
    return unknown_names([name], {*known, *found.recorded.launches}, environment)
