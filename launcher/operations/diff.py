"""Desired against recorded and observed: what an apply would do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.decide import Observed, Options, make_changeset
from launcher.engine.recorded import Recorded
from launcher.errors import WrongUsage
from launcher.manifest.locate import locate
from launcher.operations.backwards import HISTORY, backwards, work_tree_notes
from launcher.operations.beside import look_beside
from launcher.operations.observe import Line, decide
from launcher.operations.offline import recorded_from
from launcher.operations.opening import check_names, desired_in
from launcher.operations.record import lockfile_at, lockfile_in_work_tree, open_ledger, recall
from launcher.operations.review import approved_in, is_demanded
from launcher.operations.site import find_site

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from launcher.engine.changeset import Changeset
    from launcher.engine.desired import Desired
    from launcher.operations.site import Site
    from launcher.operations.surroundings import Surroundings

__all__ = ["DiffRequest", "Diffed", "diff"]

_PARALLELISM = 16


@dataclass(frozen=True, slots=True)
class DiffRequest:
    """What is to be compared.

    Attributes:
        directory: where to look for the workspace, upwards from here.
        environment: the target; `None` for the workspace's default.
        names: nothing but these launches; empty for all.
        offline: compare with the lockfile and ask nobody.
        base: the revision whose lockfile is compared with, for `offline`; `None` for HEAD.
        as_new: names that are no renames, whatever they look like.
        as_applied: hold what no review covers, as an apply that names none would; otherwise the changeset is what
            there is to be reviewed.
    """

    directory: Path
    environment: str | None = None
    names: tuple[str, ...] = ()
    offline: bool = False
    base: str | None = None
    as_new: frozenset[str] = frozenset()
    as_applied: bool = False


@dataclass(frozen=True, slots=True)
class Diffed:
    """What was found.

    Attributes:
        root: the workspace.
        changeset: what an apply would do; its diagnostics have lines and columns.
        diagnostics: what else was found on the way, warnings included, with lines and columns.
        recorded: what was compared with, as it is on record.
    """

    root: Path
    changeset: Changeset
    diagnostics: tuple[Diagnostic, ...]
    recorded: Recorded


def diff(request: DiffRequest, surroundings: Surroundings) -> Diffed:
    """What an apply would do now. Writes nothing to ledger or lockfile, and asks JOB only where it has to.

    Raises:
        InvalidManifests: a file cannot be read, or a rule is broken.
        RefusedToAct: a lost ledger, or another server.
        SurroundingsFailed: a file, a variable or git failed.
        WrongUsage: a name, a revision or an environment does not exist.
    """
    site = find_site(request.directory, request.environment, surroundings)
    desired, warnings = desired_in(site.workspace, site.environment)
    found: tuple[Diagnostic, ...] = ()
    if request.offline:
        recorded, changeset = _offline(request, site, desired)
    else:
        recorded, changeset, found = _online(request, site, desired)
    return Diffed(
        root=site.root,
        changeset=replace(changeset, diagnostics=locate(changeset.diagnostics, site.root)),
        diagnostics=locate((*warnings, *work_tree_notes(site), *found), site.root),
        recorded=recorded,
    )


def _online(
    request: DiffRequest, site: Site, desired: Desired
) -> tuple[Recorded, Changeset, tuple[Diagnostic, ...]]:
    ledger = open_ledger(site)
    recorded = recall(site, ledger)
    options = _options(request, desired, recorded)
    if request.as_applied and is_demanded(site, frozenset()):
        options = replace(options, reviewed=approved_in(recorded))
    with Line(site, ledger, _PARALLELISM) as line:
        decided = decide(line, desired, recorded, options, site)
        changeset, noted = look_beside(line, recorded, decided.changeset)
    # An apply would refuse an older commit; a diff may look at one, and says so. It changes nothing, so it does not
    # fetch what is missing to tell.
    older = (item for item in backwards(site, recorded, fetch=False) if item.code != HISTORY)
    return recorded, changeset, (*decided.diagnostics, *noted, *older, *ledger.notes)


def _offline(request: DiffRequest, site: Site, desired: Desired) -> tuple[Recorded, Changeset]:
    recorded = _recorded_at(request.base, site)
    options = replace(_options(request, desired, recorded), offline=True)
    changeset = make_changeset(
        desired,
        recorded,
        Observed(),
        now=site.surroundings.now(),
        commit=site.commit,
        options=options,
    )
    return recorded, changeset


def _recorded_at(base: str | None, site: Site) -> Recorded:
    """What the lockfile says: at `base`, otherwise at HEAD; in the folder where nobody commits it."""
    if site.repository is None and base is not None:
        raise WrongUsage(Diagnostic("L543"))
    if site.repository is None or (base is None and site.environment.is_sandbox):
        lockfile = lockfile_in_work_tree(site)
    else:
        commit = site.commit if base is None else site.repository.commit(base)
        if base is not None and commit is None:
            raise WrongUsage(Diagnostic("L542", {"revision": base}))
        lockfile = None if commit is None else lockfile_at(site, commit)
    return Recorded() if lockfile is None else recorded_from(lockfile)


def _options(request: DiffRequest, desired: Desired, recorded: Recorded) -> Options:
    known: Iterable[str] = {*desired.launches, *recorded.launches}
    check_names({*request.names, *request.as_new}, known, desired.environment.name)
    only = frozenset(request.names) if request.names else None
    return Options(only=only, as_new=request.as_new)
