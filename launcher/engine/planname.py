"""Which job plan a name stands for, in the scope that it is looked up in.

JOB keeps the names of job plans apart within one template only, and those of templates within one scope. Upper and
lower case are different names. Source: bk-job, `TaskPlanDAO.checkPlanName`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from launcher.engine.effects import Outcome
from launcher.engine.observed import JobPlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from launcher.engine.observed import PlanEntry, TemplateEntry
    from launcher.engine.spec import PlanName, Scope

__all__ = ["PlanAnswer", "PlanListing", "Unresolved", "meaning_of"]

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class PlanListing:
    """The job plans and the templates of one scope."""

    plans: tuple[PlanEntry, ...]
    templates: tuple[TemplateEntry, ...]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """No job plan has the name, or more than one has: nothing was read.

    Attributes:
        problem: the code of the diagnostic that tells it.
        message: why, in a sentence of ours.
        facts: what that diagnostic says, the launch's name apart; text from outside.
        hint: which of its hints fits.
    """

    problem: str
    message: str
    facts: Mapping[str, str] = field(default_factory=dict)
    hint: str = "default"


PlanAnswer = Outcome[JobPlan] | Unresolved
"""How reading a job plan went, whether it was asked for by id or by name."""


def meaning_of(reference: PlanName, scope: Scope, listing: PlanListing) -> int | Unresolved:
    """The id of the one job plan that `reference` can mean in `scope`."""
    facts = {
        "plan": reference.name,
        "template": reference.template or "",
        "scope": f"{scope.type} {scope.id}",
    }
    templates = {item.id: item.name for item in listing.templates}
    among = listing.plans
    if reference.template is not None:
        if reference.template not in templates.values():
            return _no_template(reference.template, facts, listing)
        among = tuple(it for it in among if templates.get(it.template) == reference.template)
    found = [item for item in among if item.name == reference.name]
    if len(found) == 1:
        return found[0].id
    if found:
        facts |= {"candidates": _listed(found, templates)}
        hint = "default" if reference.template is None else "id"
        return Unresolved("L281", "more than one job plan has that name", facts, hint)
    return _no_plan(reference, facts, listing, among)


def _no_template(name: str, facts: Mapping[str, str], listing: PlanListing) -> Unresolved:
    known = [item.name for item in listing.templates]
    near = _near(name, known)
    shown = near or known
    words = ", ".join(f'"{item}"' for item in shown[:_SHOWN]) + _more(len(shown))
    return Unresolved(
        "L282",
        "no template has that name",
        {**facts, "candidates": words or "none"},
        "near" if near else "known",
    )


def _no_plan(
    reference: PlanName,
    facts: Mapping[str, str],
    listing: PlanListing,
    among: Sequence[PlanEntry],
) -> Unresolved:
    templates = {item.id: item.name for item in listing.templates}
    elsewhere = [item for item in listing.plans if item.name == reference.name]
    names = _near(reference.name, [item.name for item in among])
    near = [item for name in names for item in among if item.name == name]
    shown, hint = next(
        (found for found in ((elsewhere, "elsewhere"), (near, "near")) if found[0]),
        (list(among), "known"),
    )
    words = _listed(shown, templates) or "none"
    return Unresolved("L280", "no job plan has that name", {**facts, "candidates": words}, hint)


def _near(word: str, known: Iterable[str]) -> list[str]:
    """Those of `known` that are like `word`, upper and lower case aside, the likest first."""
    by_letters: dict[str, list[str]] = {}
    for item in dict.fromkeys(known):
        by_letters.setdefault(item.lower(), []).append(item)
    close = get_close_matches(word.lower(), by_letters, _SHOWN)
    return [item for letters in close for item in by_letters[letters]]


def _listed(plans: Sequence[PlanEntry], templates: Mapping[int, str]) -> str:
    words = (
        f'{item.id} "{item.name}" of template "{templates.get(item.template, item.template)}"'
        for item in plans[:_SHOWN]
    )
    return ", ".join(words) + _more(len(plans))


def _more(count: int) -> str:
    return f" and {count - _SHOWN} more" if count > _SHOWN else ""
