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
        WrongUsage: nothing, or more than one job plan, has a name.
        SurroundingsFailed: JOB could not be asked, or refused.
    """
    listed: tuple[PlanEntry, ...] | None = None
    ids: list[int] = []
    problems: list[Diagnostic] = []
    for word in words:
        if word.isascii() and word.isdigit():
            ids.append(int(word))
            continue
        if listed is None:
            answer = server.list_plans(site.environment.scope)
            listed = _answered(answer, site, "The list of job plans")
        found = _called(word, listed)
        if isinstance(found, Diagnostic):
            problems.append(found)
        else:
            ids += found
    if problems:
        raise WrongUsage(*problems)
    return tuple(_read_each(server, site, dict.fromkeys(ids)))


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


def _read_each(server: JobServer, site: Site, ids: dict[int, None]) -> list[JobPlan]:
    found = []
    problems: list[Diagnostic] = []
    for plan_id in ids:
        answer = server.read_plan(site.environment.scope, plan_id)
        try:
            found.append(_answered(answer, site, f"Job plan {plan_id}"))
        except LauncherError as error:
            problems += error.diagnostics
    if problems:
        raise SurroundingsFailed(*problems)
    return found


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
