"""Reads job plans, by id or by name, each of them once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.effects import Done
from launcher.engine.planname import PlanListing, meaning_of
from launcher.engine.spec import PlanName, Scope
from launcher.operations.ahead import Ahead
from launcher.operations.asking import answered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from concurrent.futures import Executor

    from launcher.engine.effects import Outcome, Refused, Unknown
    from launcher.engine.observed import JobPlan, PlanEntry
    from launcher.engine.planname import PlanAnswer, Unresolved
    from launcher.engine.spec import PlanReference
    from launcher.job.server import JobServer

__all__ = ["PlanReader"]


class PlanReader:
    """Reads job plans at the same time; used by one thread.

    A scope is listed only where a name is looked up in it, and once for all names that are asked for together.
    """

    def __init__(self, server: JobServer, pool: Executor, monotonic: Callable[[], float]) -> None:
        self._server = server
        self._read = Ahead[tuple[Scope, int], "Outcome[JobPlan]"](
            lambda plan: pool.submit(self._read_one, plan), monotonic, keeps=_is_done
        )
        # How long a list is good is the same question: what it says has to be true when something is sent.
        self._lists = Ahead[Scope, "Outcome[PlanListing]"](
            lambda scope: pool.submit(self._list_one, scope), monotonic, keeps=_is_done
        )
        self._listed: dict[Scope, PlanListing] = {}

    def answers(self, plans: Iterable[tuple[Scope, PlanReference]]) -> tuple[PlanAnswer, ...]:
        """What came of reading each of `plans`, in order."""
        wanted = tuple(plans)
        lists = self._lists_of({scope for scope, plan in wanted if isinstance(plan, PlanName)})
        meant = [_meant(scope, plan, lists) for scope, plan in wanted]
        pairs = zip(wanted, meant, strict=True)
        known = [(scope, item) for (scope, _), item in pairs if isinstance(item, int)]
        read = iter(self._read.answers(known))
        return tuple(next(read) if isinstance(item, int) else item for item in meant)

    def meaning(self, scope: Scope, plan: PlanName) -> int | None:
        """What `plan` stands for by what was listed for others; `None` where that does not tell. Asks nobody."""
        listing = self._listed.get(scope)
        found = None if listing is None else meaning_of(plan, scope, listing)
        return found if isinstance(found, int) else None

    def entries(self, scope: Scope) -> Outcome[tuple[PlanEntry, ...]]:
        """All job plans of `scope`: as they were listed for a name, or now. Nothing that is sent may rest on it."""
        listing = self._listed.get(scope)
        if listing is not None:
            return Done(listing.plans)
        return answered(self._server.list_plans, scope)

    def read_again(self, plans: Iterable[tuple[Scope, PlanReference, int]]) -> None:
        """Read `plans` now, each with what it stood for: they will be asked for soon.

        No job plan that was read by now is given out any more, and no name means what was listed by now.
        """
        self._lists.forget()
        self._read.forget()
        again = tuple(plans)
        for scope in {scope for scope, plan, _ in again if isinstance(plan, PlanName)}:
            self._lists.begin(scope)
        for scope, plan_id in {(scope, plan_id) for scope, _, plan_id in again}:
            self._read.begin((scope, plan_id))

    def _lists_of(self, scopes: Iterable[Scope]) -> Mapping[Scope, Outcome[PlanListing]]:
        wanted = sorted(scopes)
        found = dict(zip(wanted, self._lists.answers(wanted), strict=True))
        self._listed |= {scope: it.value for scope, it in found.items() if isinstance(it, Done)}
        return found

    def _read_one(self, plan: tuple[Scope, int]) -> Outcome[JobPlan]:
        return answered(lambda item: self._server.read_plan(*item), plan)

    def _list_one(self, scope: Scope) -> Outcome[PlanListing]:
        plans = answered(self._server.list_plans, scope)
        templates = answered(self._server.list_templates, scope)
        if not isinstance(plans, Done):
            return plans
        if not isinstance(templates, Done):
            return templates
        return Done(PlanListing(plans.value, templates.value))


def _meant(
    scope: Scope, plan: PlanReference, lists: Mapping[Scope, Outcome[PlanListing]]
) -> int | Unresolved | Refused | Unknown:
    if not isinstance(plan, PlanName):
        return plan
    listing = lists[scope]
    return meaning_of(plan, scope, listing.value) if isinstance(listing, Done) else listing


def _is_done(answer: object) -> bool:
    return isinstance(answer, Done)
