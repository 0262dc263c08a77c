"""What manifests say: one launch for each manifest and environment, merged and keyed."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Place, Pointer
from launcher.engine.merging import environments_of, merge
from launcher.engine.spec import (
    EffectiveSpec,
    LaunchKey,
    Scope,
    Variable,
    digest_of,
    hosts_from,
    plan_from,
    secret_from,
)
from launcher.model.times import instant_of, seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from launcher.engine.merging import Merged
    from launcher.model.documents import Environment, ManifestDocument, WorkspaceDocument

__all__ = ["Desired", "Launch", "Policy", "desired"]


@dataclass(frozen=True, slots=True)
class Policy:
    """When and in what order a launch may run; changing it starts nothing.

    Attributes:
        trigger: what asks for a launch: `onChange`, `once` or `manual`.
        needs: names of launches that must have succeeded, in the same environment, sorted.
        suspend: hold it back.
        not_before: no START before this time; aware, in UTC.
        wait_timeout_s: how long a run waits for its job to end, from its START on.
        on_timeout: what follows then: `detach` leaves the job to itself, `terminate` ends it.
        max_attempts: how many attempts one launch key gets without being asked again.
        backoff_s: pause between the end of one of them and the next.
    """

    trigger: str = "onChange"
    needs: tuple[str, ...] = ()
    suspend: bool = False
    not_before: datetime | None = None
    wait_timeout_s: float = 1800
    on_timeout: str = "detach"
    max_attempts: int = 1
    backoff_s: float = 30

    def to_data(self) -> dict[str, Any]:
        """The policy as JSON values, every field written out."""
        not_before = self.not_before
        return {
            "trigger": self.trigger,
            "needs": list(self.needs),
            "suspend": self.suspend,
            "notBefore": None if not_before is None else not_before.isoformat(),
            "wait": {"timeout": f"{self.wait_timeout_s:g}s", "onTimeout": self.on_timeout},
            "retry": {"maxAttempts": self.max_attempts, "backoff": f"{self.backoff_s:g}s"},
        }


@dataclass(frozen=True)
class Launch:
    """What a manifest declares for one environment.

    Attributes:
        name: its identity.
        title: for people; `None` where the manifest has none.
        spec: what would run.
        revision: raising it asks for the same launch again.
        policy: when it may run.
        renamed_from: the name under which its history stands.
        origins: where each field of spec and policy comes from, by its path (`variables.targets`):
            `defaults`, `spec` or `environments.NAME`.
        pointers: where each of them, and `renamedFrom`, stands, by the same paths: file and route.
        path: the manifest.
        line: the line of its name.
        environment: where it launches.
    """

    name: str
    spec: EffectiveSpec
    revision: int = 1
    policy: Policy = Policy()
    title: str | None = None
    renamed_from: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    pointers: Mapping[str, tuple[str, Pointer]] = field(default_factory=dict)
    path: str = ""
    line: int = 1
    environment: str = ""

    def place(self, of: str | None = None, *, of_key: bool = False) -> Place:
        """The place of the field `of`, or of its key; of the launch's name where no file sets it, or for `None`."""
        if of is None or of not in self.pointers:
            return Place(self.path, ("metadata", "name"))
        path, pointer = self.pointers[of]
        return Place(path, pointer, of_key=of_key)

    @cached_property
    def key(self) -> LaunchKey:
        """Its launch key: revision and digest."""
        return LaunchKey(self.revision, digest_of(self.spec.to_data()))


@dataclass(frozen=True, slots=True)
class Desired:
    """The desired state of one environment.

    Attributes:
        environment: the target.
        launches: by name, sorted.
        marker: name of the variable that each launch is marked by; `None` where the workspace names none.
    """

    environment: Environment
    launches: Mapping[str, Launch]
    marker: str | None = None

    @property
    def keys(self) -> dict[str, LaunchKey]:
        """The declared launch keys, by name."""
        return {name: launch.key for name, launch in self.launches.items()}


def desired(
    workspace: WorkspaceDocument, manifests: Iterable[ManifestDocument], environment: str
) -> Desired:
    """The launches of `environment`, from manifests in which `check` found no error.

    Raises:
        KeyError: the workspace has no such environment.
    """
    target = workspace.environments[environment]
    launches = (
        _launch(target, manifest, merge(workspace, manifest, environment))
        for manifest in manifests
        if environment in environments_of(workspace, manifest)
    )
    by_name = {item.name: item for item in sorted(launches, key=lambda it: it.name)}
    return Desired(target, by_name, workspace.marker)


def _launch(target: Environment, manifest: ManifestDocument, merged: Merged) -> Launch:
    data = merged.data
    scope = data.get("scope")
    spec = EffectiveSpec(
        scope=Scope(scope["type"], scope["id"]) if scope else target.scope,
        plan=plan_from(data["plan"]),
        variables=tuple(
            _variable(name, item) for name, item in sorted(data.get("variables", {}).items())
        ),
        callback_url=data.get("callbackUrl"),
        pin=data["pin"]["digest"] if "pin" in data else None,
    )
    policy = Policy(
        trigger=data.get("trigger", "onChange"),
        needs=tuple(sorted(set(data.get("needs", ())))),
        suspend=data.get("suspend", False),
        **_times(data),
    )
    metadata, pointers = manifest.data["metadata"], merged.pointers
    if "renamedFrom" in metadata:
        pointers = {**pointers, "renamedFrom": (manifest.path, ("metadata", "renamedFrom"))}
    return Launch(
        name=manifest.name,
        title=metadata.get("title"),
        renamed_from=metadata.get("renamedFrom"),
        spec=spec,
        revision=data.get("revision", 1),
        policy=policy,
        origins=merged.origins,
        pointers=pointers,
        path=manifest.path,
        line=manifest.line,
        environment=target.name,
    )


def _variable(name: str, item: Any) -> Variable:  # noqa: ANN401 - a variable as written
    if isinstance(item, str):
        return Variable(name, item)
    if "hosts" in item:
        return Variable(name, hosts_from(item["hosts"]), item.get("id"))
    if "secret" in item:
        return Variable(name, secret_from(item["secret"]), item.get("id"))
    return Variable(name, item["value"], item.get("id"))


def _times(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a policy says of time; what a mapping leaves out has its default, whatever a layer below said."""
    wait, retry, not_before = data.get("wait", {}), data.get("retry", {}), data.get("notBefore")
    given = {
        "not_before": None if not_before is None else instant_of(not_before),
        "wait_timeout_s": _seconds(wait.get("timeout")),
        "on_timeout": wait.get("onTimeout"),
        "max_attempts": retry.get("maxAttempts"),
        "backoff_s": _seconds(retry.get("backoff")),
    }
    return {name: value for name, value in given.items() if value is not None}


def _seconds(text: str | None) -> float | None:
    return None if text is None else seconds_of(text)
