"""Find job plans by what a person calls them: an id, a name, or a pattern."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeVar

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Done, Refused
from launcher.errors import LauncherError, SurroundingsFailed, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from launcher.engine.effects import Outcome
    from launcher.engine.observed import JobPlan, PlanEntry
    from launcher.job.server import JobServer
    from launcher.operations.site import Site

__all__ = ["read_plans"]

T = TypeVar("T")


def read_plans(server: JobServer, site: Site, words: Sequence[str]) -> tuple[JobPlan, ...]:
    """The job plans that `words` name in the scope of the environment, in that order, each once.

    A word of digits is an id. Any other is a name as JOB has it; one that nothing is called is a pattern as of a
    shell. All words are looked at before anything is said.

    Raises:
        SurroundingsFailed: JOB could not be asked, or refused; beside it, names that nothing or more than one has.
        WrongUsage: only that: nothing, or more than one job plan, has a name.
    """
    listed: tuple[PlanEntry, ...] | None = None
    ids: list[int] = []
    unclear: list[Diagnostic] = []
    for word in words:
        if _is_id(word):
            ids.append(int(word))
            continue
        if listed is None:
            answer = server.list_plans(site.environment.scope)
            listed = _answered(answer, site, "The list of job plans")
        found = _called(word, listed)
        if isinstance(found, Diagnostic):
            unclear.append(found)
        else:
            ids += found
    if unclear:
        # What was listed is there; only the ids that somebody typed may be wrong as well.
        ids = [int(word) for word in words if _is_id(word)]
    plans, unread = _read_each(server, site, dict.fromkeys(ids))
    if unread:
        raise SurroundingsFailed(*unclear, *unread)
    if unclear:
        raise WrongUsage(*unclear)
    return tuple(plans)


def _is_id(word: str) -> bool:
    return word.isascii() and word.isdigit()


def _called(word: str, listed: Sequence[PlanEntry]) -> list[int] | Diagnostic:
    exact = [entry.id for entry in listed if entry.name == word]
    if len(exact) == 1:
        return exact
    if exact:
        return Diagnostic("L575", {"name": word, "ids": ", ".join(map(str, exact))})
    if matching := [entry.id for entry in listed if fnmatchcase(entry.name, word)]:
        return matching
    near = get_close_matches(word, [entry.name for entry in listed], 1)
    facts = {"name": word, "nearest": near[0] if near else "", "count": str(len(listed))}
    return Diagnostic("L574", facts, hint="nearest" if near else "default")


def _read_each(
    server: JobServer, site: Site, ids: dict[int, None]
) -> tuple[list[JobPlan], list[Diagnostic]]:
    """The job plans with these ids, and why the others could not be read."""
    found: list[JobPlan] = []
    problems: list[Diagnostic] = []
    for plan_id in ids:
        answer = server.read_plan(site.environment.scope, plan_id)
        try:
            found.append(_answered(answer, site, f"Job plan {plan_id}"))
        except LauncherError as error:
            problems += error.diagnostics
    return found, problems


def _answered(answer: Outcome[T], site: Site, what: str) -> T:
    """The answer.

    Raises:
        SurroundingsFailed: there is none, or JOB refused it.
    """
    if isinstance(answer, Done):
        return answer.value
    scope = site.environment.scope
    facts = {
        "what": what,
        "message": answer.message,
        "environment": site.environment.name,
        "scope": f"{scope.type} {scope.id}",
    }
    refused = isinstance(answer, Refused) and answer.code is not None
    raise SurroundingsFailed(Diagnostic("L576" if refused else "L579", facts))
