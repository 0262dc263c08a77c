"""Whether this ledger is the one that the lockfile speaks of. Pure.

A run that believed a lost or older ledger would start again what has already run. So the lockfile is
held against it before anything is sent: the one in the work tree, and the one at HEAD, which
nobody deletes by mistake.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.ledger.codec import json_text
from launcher.ledger.lockfile import lockfile_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from launcher.engine.recorded import Recorded
    from launcher.ledger.lockfile import Lockfile

__all__ = ["check_lineage", "verify_lockfile"]

_WORK_TREE = "work tree"
_ABSENT = object()


def check_lineage(
    recorded: Recorded,
    hash_at: Callable[[int], str | None],
    environment: str,
    *,
    lockfile: Lockfile | None,
    head_lockfile: Lockfile | None,
    may_create: bool,
) -> tuple[Diagnostic, ...]:
    """Why this ledger may not be used (`LEDGER_LOST`); empty if it may, or if it may be created.

    Args:
        recorded: its present.
        hash_at: `Ledger.hash_at`, after the read that gave `recorded`.
        environment: whose ledger it should be.
        lockfile: the one in the work tree; `None` if there is none.
        head_lockfile: the one at HEAD; `None` if there is none, or no git.
        may_create: a ledger that is not there may be created by this run; false in CI.
    """
    known = {_WORK_TREE: lockfile, "HEAD": head_lockfile}
    if lockfile == head_lockfile:
        known = {f"{_WORK_TREE} and HEAD": lockfile}
    found = (
        _problem(recorded, hash_at, environment, where, item)
        for where, item in known.items()
        if item is not None
    )
    problems = tuple(item for item in found if item is not None)
    if lockfile is not None and head_lockfile is not None and len(problems) == 1:
        problems = (_blamed(problems[0], lockfile, head_lockfile),)
    if problems or recorded.lineage is not None or may_create:
        return problems
    return (Diagnostic("L434", {"environment": environment}),)


def _blamed(problem: Diagnostic, lockfile: Lockfile, head_lockfile: Lockfile) -> Diagnostic:
    """The one problem of the two lockfiles, with a hint at the file where it cannot be the ledger.

    That is so where the ledger holds the newer event, of the lockfile at HEAD: the chain up to there is what was written.
    """
    by_file = problem.code == "L432" and problem.facts["where"] == _WORK_TREE
    if by_file and lockfile.serial <= head_lockfile.serial:
        return replace(problem, hint="edited")
    return problem


def _problem(
    recorded: Recorded,
    hash_at: Callable[[int], str | None],
    environment: str,
    where: str,
    lockfile: Lockfile,
) -> Diagnostic | None:
    facts = {
        "environment": environment,
        "where": where,
        "serial": str(lockfile.serial),
        "found": str(recorded.head.serial),
    }
    if lockfile.environment != environment:
        return Diagnostic("L443", {**facts, "other": lockfile.environment})
    if recorded.lineage is None:
        return Diagnostic("L430", facts)
    if lockfile.lineage != recorded.lineage:
        return _other_lineage(recorded, lockfile, facts)
    if lockfile.serial > recorded.head.serial:
        return Diagnostic("L431", facts)
    return None if hash_at(lockfile.serial) == lockfile.head else Diagnostic("L432", facts)


def _other_lineage(
    recorded: Recorded, lockfile: Lockfile, facts: Mapping[str, str]
) -> Diagnostic | None:
    """A restored ledger stands for the one it was restored from, up to the lockfile it was made of."""
    origin = recorded.restored
    if origin is None or origin["lineage"] != lockfile.lineage:
        names = {"lineage": str(recorded.lineage), "other": lockfile.lineage}
        return Diagnostic("L433", {**facts, **names})
    same = (lockfile.serial, lockfile.head) == (origin["serial"], origin["head"])
    if same or lockfile.serial < origin["serial"]:
        return None
    return Diagnostic("L437", {**facts, "origin": str(origin["serial"])})


def verify_lockfile(
    recorded: Recorded, lockfile: Lockfile | None, environment: str
) -> tuple[Diagnostic, ...]:
    """Every difference between the ledger and its lockfile, field by field; empty if they agree."""
    if recorded.lineage is None and lockfile is None:
        return ()
    if recorded.lineage is None or lockfile is None:
        return (_one_is_missing(recorded, lockfile, environment),)
    expected = lockfile_of(recorded, environment).to_data()
    return tuple(
        Diagnostic(
            "L445", {"environment": environment, "field": field, "ledger": one, "file": other}
        )
        for field, one, other in _differences((), expected, lockfile.to_data())
    )


def _one_is_missing(recorded: Recorded, lockfile: Lockfile | None, environment: str) -> Diagnostic:
    facts = {"environment": environment, "found": str(recorded.head.serial)}
    if lockfile is None:
        return Diagnostic("L446", facts)
    return Diagnostic("L430", {**facts, "where": _WORK_TREE, "serial": str(lockfile.serial)})


def _differences(
    route: tuple[str, ...], ledger: object, lockfile: object
) -> Iterator[tuple[str, str, str]]:
    if isinstance(ledger, dict) and isinstance(lockfile, dict):
        for key in sorted({*ledger, *lockfile}):
            below = (*route, key)
            yield from _differences(below, ledger.get(key, _ABSENT), lockfile.get(key, _ABSENT))
    elif ledger != lockfile:
        yield ".".join(route), _said(ledger), _said(lockfile)


def _said(value: object) -> str:
    return "nothing" if value is _ABSENT else json_text(value)
