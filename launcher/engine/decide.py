"""From what is desired, recorded and observed to the changeset."""

from __future__ import annotations

from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic, in_order
from launcher.engine.changeset import (
    OFFLINE_PREFIX,
    Action,
    Change,
    Changeset,
    FieldDiff,
    Reason,
    Row,
    change_digest,
    changeset_digest,
)
from launcher.engine.effects import Done
from launcher.engine.guards import guards_in_force
from launcher.engine.plancheck import check_plan, plain_ciphers
from launcher.engine.progress import with_observed
from launcher.engine.rows import Case, Verdict, decide
from launcher.engine.spec import digest_of, recordable_spec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from launcher.engine.desired import Desired, Launch
    from launcher.engine.effects import Outcome
    from launcher.engine.observed import InstanceStatus, JobPlan, Missing, PlanPin
    from launcher.engine.recorded import Attempt, LaunchRecord, Recorded
    from launcher.engine.spec import Scope

__all__ = ["Observed", "Options", "make_changeset", "plans_to_read"]

HIDDEN = "?…"
"""Stands for the part of a callback URL that is not shown, where that is what differs."""

MASKED = "******"
"""Stands for a value that the job plan keeps secret and the manifest does not."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What JOB says now.

    Attributes:
        server: fingerprint of the server; `None` where it was not asked.
        statuses: of instances in flight, by launch name.
        plans: job plans that were read, by launch name; a plan that is not here is not checked.
        skew_s: how far the server's clock is ahead of ours, in seconds; `None` where no answer told.
    """

    server: str | None = None
    statuses: Mapping[str, InstanceStatus | Missing] = field(default_factory=dict)
    plans: Mapping[str, Outcome[JobPlan]] = field(default_factory=dict)
    skew_s: float | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for beside the manifests.

    Attributes:
        only: nothing but these names; `None` for all.
        as_new: names that are no renames, whatever they look like.
        reviewed: change digests that a review covers; `None` where no review was named.
        offline: the server was not asked.
        requested: launches that a person asks for by hand, whatever their trigger.
        retry: launches whose failed or refused attempt a person wants to be followed by another.
        overridden: guards that a person sets aside, by the names they have in the workspace.
    """

    only: frozenset[str] | None = None
    as_new: frozenset[str] = frozenset()
    reviewed: frozenset[str] | None = None
    offline: bool = False
    requested: frozenset[str] = frozenset()
    retry: frozenset[str] = frozenset()
    overridden: frozenset[str] = frozenset()


def make_changeset(
    desired: Desired,
    recorded: Recorded,
    observed: Observed,
    *,
    now: datetime,
    commit: str | None = None,
    options: Options | None = None,
) -> Changeset:
    """What an apply would do, every name decided by the first row that fits.

    A server that answers nothing new and manifests that change nothing give a changeset that acts on nothing.
    """
    maker = _Maker(desired, recorded, observed, now, options or Options())
    changes, diagnostics = maker.changes()
    digest = changeset_digest(
        environment=desired.environment.name,
        server=observed.server or recorded.server,
        lineage=recorded.lineage,
        digests=tuple(change.digest for change in changes if change.acts),
    )
    return Changeset(
        environment=desired.environment.name,
        digest=(OFFLINE_PREFIX if maker.options.offline else "") + digest,
        offline=maker.options.offline,
        commit=commit,
        lineage=recorded.lineage,
        head=recorded.head,
        changes=changes,
        diagnostics=diagnostics,
    )


def plans_to_read(changeset: Changeset) -> tuple[tuple[str, Scope, int], ...]:
    """Which job plans the changeset would run: launch name, scope and job plan id."""
    return tuple(
        (change.name, change.launch.spec.scope, change.launch.spec.plan_id)
        for change in changeset.changes
        if change.launch is not None
        and (change.action is Action.LAUNCH or change.reason is Reason.PREPARED)
    )


class _Maker:
    """One making of a changeset; holds what every launch is decided with."""

    def __init__(
        self,
        desired: Desired,
        recorded: Recorded,
        observed: Observed,
        now: datetime,
        options: Options,
    ) -> None:
        self.desired = desired
        self.recorded, _ = with_observed(recorded, observed.statuses, now, desired.keys)
        self.observed = observed
        self.now = now
        self.options = options
        self.deleted = self._deleted()
        self.verdicts: dict[str, Verdict] = {}
        self.waves: dict[str, int] = {}
        self.diagnostics: list[Diagnostic] = []

    def changes(self) -> tuple[tuple[Change, ...], tuple[Diagnostic, ...]]:
        made = [self._change(name) for name in self._order() if self._is_asked_for(name)]
        made.sort(key=lambda change: (change.wave, change.name))
        return tuple(made), in_order(self.diagnostics)

    def _order(self) -> list[str]:
        launches = self.desired.launches
        graph = {name: launch.policy.needs for name, launch in launches.items()}
        gone = [
            name
            for name, record in self.recorded.launches.items()
            if name not in launches and not record.archived
        ]
        return [*sorted(gone), *TopologicalSorter(graph).static_order()]

    def _is_asked_for(self, name: str) -> bool:
        return self.options.only is None or name in self.options.only

    def _deleted(self) -> dict[str, str]:
        return {
            record.newest.key.digest: name
            for name, record in sorted(self.recorded.launches.items())
            if name not in self.desired.launches and not record.archived
        }

    def _change(self, name: str) -> Change:
        launch = self.desired.launches.get(name)
        record = self.recorded.launches.get(name)
        problems = self._plan_problems(launch)
        case = Case(
            name=name,
            launch=launch,
            record=record,
            now=self.now,
            deleted=self.deleted,
            as_new=name in self.options.as_new,
            needs=self._needs(launch),
            guard="job plan" if problems else None,
        )
        change = self._judge(case, problems)
        unreviewed = self.options.reviewed is not None and change.digest not in (
            self.options.reviewed
        )
        if change.acts and unreviewed:
            held = Verdict(Action.HOLD, Reason.UNREVIEWED)
            change = self._build(case, held, change.rows)
        self.verdicts[name] = Verdict(change.action, change.reason)
        self.waves[name] = change.wave
        return change

    def _needs(self, launch: Launch | None) -> dict[str, Verdict | None]:
        if launch is None:
            return {}
        return {need: self._verdict_on(need) for need in launch.policy.needs}

    def _verdict_on(self, need: str) -> Verdict | None:
        launch, record = self.desired.launches.get(need), self.recorded.launches.get(need)
        if launch is not None and record is not None and record.is_in_sync(launch.key):
            return None
        # A need that is not part of this changeset does not act in it.
        return self.verdicts.get(need, Verdict(Action.BLOCK, Reason.NEEDS))

    def _plan_problems(self, launch: Launch | None) -> tuple[Diagnostic, ...]:
        if launch is None or launch.name not in self.observed.plans:
            return ()
        return check_plan(launch, self.observed.plans[launch.name])

    def _judge(self, case: Case, problems: tuple[Diagnostic, ...]) -> Change:
        verdict, rows = decide(case)
        if verdict.reason is Reason.GUARD:
            self.diagnostics.extend(problems)
        self.diagnostics.extend(_error(case, verdict, self.desired.environment.name))
        return self._build(case, verdict, rows)

    def _build(self, case: Case, verdict: Verdict, rows: tuple[Row, ...]) -> Change:
        launch, record = case.launch, case.record
        previous = record.newest_started if record else None
        shows_fields = verdict.action is not Action.ARCHIVE and launch is not None
        plan = self._pin(case.name)
        hidden = (
            plain_ciphers(launch, self.observed.plans.get(case.name)) if launch else frozenset()
        )
        needs = launch.policy.needs if launch else ()
        ahead = [self.waves.get(need, 0) for need in needs if case.needs.get(need) is not None]
        return Change(
            name=case.name,
            action=verdict.action,
            reason=verdict.reason,
            launch=launch,
            newest=record.newest if record else None,
            previous=previous,
            ran_before=_ran_before(launch, record),
            fields=_fields(launch, previous, hidden) if shows_fields and launch else (),
            policy=_policy(launch, previous) if shows_fields and launch else (),
            needs=needs,
            wave=1 + max(ahead, default=0),
            by=verdict.by,
            until=verdict.until,
            plan=plan,
            rows=rows,
            digest=change_digest(
                environment=self.desired.environment.name,
                name=case.name,
                action=verdict.action,
                reason=verdict.reason,
                key=launch.key if launch else (record.newest.key if record else None),
                previous=previous.number if previous else None,
                launch=launch,
                plan=plan,
                guards=guards_in_force(self.desired.environment),
            ),
        )

    def _pin(self, name: str) -> PlanPin | None:
        answer = self.observed.plans.get(name)
        return answer.value.pin if isinstance(answer, Done) else None


def _ran_before(launch: Launch | None, record: LaunchRecord | None) -> int | None:
    """The newest attempt that was started with the content of `launch`, if others were started since."""
    started = [item for item in record.attempts if item.was_started] if record else []
    if launch is None or not started or started[-1].key.digest == launch.key.digest:
        return None
    same = (item.number for item in reversed(started) if item.key.digest == launch.key.digest)
    return next(same, None)


def _error(case: Case, verdict: Verdict, environment: str) -> Iterable[Diagnostic]:
    if verdict.action is not Action.ERROR or case.launch is None:
        return
    facts = {
        "name": case.name,
        "by": verdict.by or "",
        "revision": str(case.launch.revision),
        "environment": environment,
    }
    if verdict.reason is Reason.LOOKS_RENAMED:
        yield Diagnostic("L211", facts, case.launch.place())
    else:
        yield Diagnostic("L212", facts, case.launch.place("revision"))


def _fields(
    launch: Launch, previous: Attempt | None, hidden: frozenset[str]
) -> tuple[FieldDiff, ...]:
    """What differs from `previous`; a value that belongs in a secret is not repeated: a diff goes to more eyes."""
    before = _flat(previous.spec) if previous else {}
    whole = launch.spec.to_data()
    after = _flat(recordable_spec(whole))
    if previous is not None and _differs_unseen(previous, whole):
        after["callbackUrl"] += HIDDEN
    for path in (f"variables.{name}" for name in hidden):
        after[path if path in after else f"{path}.value"] = MASKED
    return _differences(before, after, launch.origins)


def _differs_unseen(previous: Attempt, whole: Mapping[str, Any]) -> bool:
    """Whether the callback differs in a part that is neither recorded nor shown; only the key's digest tells."""
    url = recordable_spec(whole).get("callbackUrl")
    if url is None or url != previous.spec.get("callbackUrl"):
        return False
    return digest_of({**previous.spec, "callbackUrl": whole["callbackUrl"]}) != previous.key.digest


def _policy(launch: Launch, previous: Attempt | None) -> tuple[FieldDiff, ...]:
    if previous is None or previous.policy is None:
        return ()
    return _differences(dict(previous.policy), launch.policy.to_data(), launch.origins)


def _differences(
    before: Mapping[str, Any], after: Mapping[str, Any], origins: Mapping[str, str]
) -> tuple[FieldDiff, ...]:
    paths = sorted({*before, *after})
    return tuple(
        FieldDiff(
            path,
            before.get(path),
            after.get(path),
            _origin(path, origins) if path in after else None,
        )
        for path in paths
        if before.get(path) != after.get(path)
    )


def _origin(path: str, origins: Mapping[str, str]) -> str | None:
    """The origin of the field that `path` lies in; a scope that no file sets is the environment's."""
    parts = path.split(".")
    candidates = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((origins[item] for item in candidates if item in origins), "environment")


def _flat(data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """`data` with one entry for each value that is no mapping, by dotted path; a text value stands at its name."""
    flat: dict[str, Any] = {}
    for key, value in data.items():
        path = f"{prefix}{key}"
        if prefix == "variables." and isinstance(value, dict) and value.keys() == {"value"}:
            flat[path] = value["value"]
        elif isinstance(value, dict):
            flat.update(_flat(value, f"{path}."))
        else:
            flat[path] = value
    return flat
