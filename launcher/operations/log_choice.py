"""Which steps and hosts of an instance a person means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.engine.observed import Status
from launcher.engine.results import Result
from launcher.errors import WrongUsage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from launcher.engine.results import HostResult, InstanceResults, StepResults
    from launcher.operations.logs import LogsRequest

__all__ = ["Choice"]

_SHOWN = 10


class Choice:
    """What of an instance `request` means."""

    def __init__(self, request: LogsRequest, facts: Mapping[str, str]) -> None:
        self._request = request
        self._facts = facts

    def meant(
        self, found: InstanceResults
    ) -> list[tuple[int, StepResults, tuple[HostResult, ...]]]:
        """The steps that are meant, by number from 1, with those of their hosts that are."""
        return [
            (number, step, tuple(filter(self._is_meant, step.hosts)))
            for number, step in self._steps(found)
        ]

    def check(self, found: InstanceResults) -> None:
        """Check that what was named is there. The hosts of a step are known only once it has started.

        Raises:
            WrongUsage: there is no such step, or no such host in those that are meant.
        """
        request = self._request
        every = list(enumerate(found.steps, 1))
        steps = [it for it in request.steps if not any(_is_called(*each, it) for each in every)]
        if steps:
            known = ", ".join(f"{number} `{step.step.name}`" for number, step in every)
            raise WrongUsage(*self._problems("L354", "step", steps, known))
        meant = [step for _, step in self._steps(found)]
        if any(step.step.status == Status.BLANK for step in meant) and not found.instance.finished:
            return
        there = [host for step in meant for host in step.hosts]
        names = {name for host in there for name in _names_of(host)}
        hosts = [it for it in request.hosts if it not in names]
        if hosts and there:
            shown = dict.fromkeys(host.host.ip or str(host.host.id) for host in there)
            known = ", ".join(list(shown)[:_SHOWN]) + (", …" if len(shown) > _SHOWN else "")
            raise WrongUsage(*self._problems("L355", "host", hosts, known))

    def _problems(
        self, code: str, key: str, names: Iterable[str], known: str
    ) -> Iterable[Diagnostic]:
        return (Diagnostic(code, {**self._facts, key: it, "known": known}) for it in names)

    def _steps(self, found: InstanceResults) -> list[tuple[int, StepResults]]:
        return [
            (number, step)
            for number, step in enumerate(found.steps, 1)
            if not self._request.steps
            or any(_is_called(number, step, name) for name in self._request.steps)
        ]

    def _is_meant(self, host: HostResult) -> bool:
        if self._request.failed and host.result is not Result.FAILED:
            return False
        return not self._request.hosts or not _names_of(host).isdisjoint(self._request.hosts)


def _is_called(number: int, step: StepResults, name: str) -> bool:
    return name in (step.step.name, str(number), str(step.step.id))


def _names_of(host: HostResult) -> set[str]:
    key = host.host
    return {name for name in (key.ip, "" if key.id is None else str(key.id)) if name}
