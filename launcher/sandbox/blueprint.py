"""What a launch would create: its steps and variables with every host resolved and checked.

Nothing is saved yet, so that every refusal here leaves no trace. Source: bk-job,
`TaskExecuteServiceImpl.buildTaskInfoFromExecuteParam`, `checkStepInstanceExecuteTargetNonEmpty`,
`TaskInstanceExecuteObjectProcessor`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from launcher.sandbox.codes import Code
from launcher.sandbox.plan_definition import Approval, FileStep, ScriptStep, Targets, VariableKind
from launcher.sandbox.quota import check_quota
from launcher.sandbox.refusal import Refused
from launcher.sandbox.targets import find_hosts, missing_groups

if TYPE_CHECKING:
    from launcher.sandbox.call import Call
    from launcher.sandbox.definition import Host, Server
    from launcher.sandbox.launch_variables import Merged
    from launcher.sandbox.plan_definition import FileSource, Plan, Step

__all__ = ["Blueprint", "StepDraft", "draw"]


@dataclass(frozen=True, slots=True)
class StepDraft:
    """A step to be: what it selects and the hosts that this is; `sources` per file source."""

    origin: Step
    selection: Targets | None = None
    hosts: tuple[Host, ...] = ()
    sources: tuple[tuple[Host, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Blueprint:
    """An instance to be; `variable_hosts` goes along with `variables`."""

    steps: tuple[StepDraft, ...]
    variables: tuple[Merged, ...]
    variable_hosts: tuple[tuple[int, ...], ...]


def draw(call: Call, plan: Plan, merged: tuple[Merged, ...]) -> Blueprint:
    """The blueprint of a launch.

    Raises:
        Refused: at the first check that fails, in the server's order: steps, quota, dangerous
            scripts, target resolution, empty targets, sizes.
    """
    steps = tuple(step for step in plan.steps if step.enabled)
    if not steps:
        raise Refused(Code.PLAN_ILLEGAL)
    variables = {item.variable.name: item for item in merged}
    selections = [_selections(call, step, variables) for step in steps]
    check_quota(call)
    if any(isinstance(step, ScriptStep) and step.dangerous for step in steps):
        raise Refused(Code.DANGEROUS_SCRIPT)
    hosts = _Lookup(call, selections, merged)
    hosts.check()
    drafts = tuple(
        StepDraft(step, chosen[0] if chosen else None, *hosts.of_step(chosen))
        for step, chosen in zip(steps, selections, strict=True)
    )
    for draft in drafts:
        _check_empty(draft)
    for draft in drafts:
        _check_size(call.places.definition.server, draft)
    frozen = tuple(tuple(host.id for host in hosts.find(item.targets)) for item in merged)
    return Blueprint(drafts, merged, frozen)


def _selections(
    call: Call,
    step: Step,
    variables: dict[str, Merged],
) -> tuple[Targets | None, ...]:
    """What a step selects: its target, then each file source; nothing for an approval."""
    if isinstance(step, Approval):
        return ()
    if isinstance(step, ScriptStep) and step.disabled_script:
        raise Refused(Code.SCRIPT_DISABLED)
    if step.account not in call.places.accounts:
        raise Refused(Code.ACCOUNT_NOT_FOUND, step.account)
    sources = step.sources if isinstance(step, FileStep) else ()
    return tuple(_selection(item, variables) for item in (step, *sources))


def _selection(
    item: ScriptStep | FileStep | FileSource,
    variables: dict[str, Merged],
) -> Targets | None:
    if item.variable is None:
        return item.targets
    found = variables.get(item.variable)
    if found is None or found.variable.type is not VariableKind.HOSTS:
        raise Refused(Code.HOST_VARIABLE_NOT_FOUND, item.variable)
    return found.targets


class _Lookup:
    """Turns selections into hosts, after checking all of them at once as the server does."""

    def __init__(
        self,
        call: Call,
        selections: list[tuple[Targets | None, ...]],
        merged: tuple[Merged, ...],
    ) -> None:
        self._call = call
        self._used = [item for chosen in selections for item in chosen if item is not None]
        self._merged = merged
        named = [item.targets for item in merged if item.targets is not None]
        self._all = [*self._used, *named]
        self._nodes = len({(node.type, node.id) for item in self._all for node in item.nodes})

    def check(self) -> None:
        """Refuse containers, groups and hosts that cannot be used."""
        if any(item.containers for item in self._all):
            raise Refused(Code.NOT_SUPPORTED)
        scope = self._call.scope.key
        for item in self._all:
            for group in missing_groups(self._call.places, scope, item):
                raise Refused(Code.GROUP_FAILED, group, "group not found or rejected by CMDB")
            self.find(item)
        unknown = dict.fromkeys(name for item in self._merged for name in item.unknown)
        missing = [
            f"(host_id:{host})"
            for item in self._all
            for host in item.hosts
            if host not in self._call.places.hosts
        ]
        unknown |= dict.fromkeys(missing)
        if unknown:
            raise Refused(Code.HOST_NOT_FOUND, len(unknown), ",".join(unknown))
        self._check_scope(scope)

    def _check_scope(self, scope: str) -> None:
        used = {host.id: host for item in self._used for host in self.find(item)}
        foreign = [host.ip for host in used.values() if scope not in host.scopes]
        if foreign:
            name = self._call.scope.name
            raise Refused(Code.HOST_INVALID, name, len(foreign), ",".join(foreign))

    def find(self, targets: Targets | None) -> tuple[Host, ...]:
        """The hosts of a selection; none for none."""
        if targets is None:
            return ()
        scope = self._call.scope.key
        return find_hosts(self._call.places, scope, targets, all_nodes=self._nodes)

    def of_step(
        self,
        chosen: tuple[Targets | None, ...],
    ) -> tuple[tuple[Host, ...], tuple[tuple[Host, ...], ...]]:
        """The hosts of a step's target, and those of its file sources."""
        found = tuple(self.find(item) for item in chosen)
        return (found[0] if found else ()), found[1:]


def _check_empty(draft: StepDraft) -> None:
    step = draft.origin
    if isinstance(step, Approval):
        return
    if not draft.hosts:
        raise Refused(Code.TARGET_EMPTY, step.name)
    if isinstance(step, FileStep):
        for source, hosts in zip(step.sources, draft.sources, strict=True):
            if not source.is_local and not hosts:
                raise Refused(Code.SOURCE_EMPTY, step.name)


def _check_size(server: Server, draft: StepDraft) -> None:
    step = draft.origin
    if isinstance(step, ScriptStep) and len(draft.hosts) > server.max_script_hosts:
        raise Refused(Code.SCRIPT_HOSTS_LIMIT, server.max_script_hosts)
    if not isinstance(step, FileStep):
        return
    origins = sum(
        (1 if source.is_local else len(hosts)) * len(source.files)
        for source, hosts in zip(step.sources, draft.sources, strict=True)
    )
    if origins * len(draft.hosts) > server.max_file_tasks:
        raise Refused(Code.FILE_TASKS_LIMIT, server.max_file_tasks)
