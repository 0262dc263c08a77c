"""Documents that have passed their schema, as plain values.

A manifest's content stays a mapping, because merging defaults, `spec` and an overlay works on
mappings; a workspace becomes typed values at once. Importing this module costs no pydantic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "API_VERSION",
    "DEFAULT_MANIFESTS",
    "SANDBOX",
    "WORKSPACE_FILE",
    "Environment",
    "Freeze",
    "Guards",
    "ManifestDocument",
    "Scope",
    "Window",
    "WorkspaceDocument",
]

API_VERSION = "launcher/v1"
"""The newest version of both kinds."""

WORKSPACE_FILE = "launcher.yaml"

DEFAULT_MANIFESTS = ("plans/**/*.yaml",)
"""Where manifests are looked for when the workspace does not say."""

SANDBOX = "sandbox"
"""The server name that means the built-in JOB server."""


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """A resource scope of JOB.

    Attributes:
        type: `biz`, `biz_set` or `tenant_set`.
        id: the scope's id, as text.
    """

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class ManifestDocument:
    """One manifest that has passed its schema.

    Attributes:
        path: relative to the workspace, with forward slashes.
        data: the document as mappings, lists and plain values; never changed in place.
        line: the line of `metadata.name`, from 1.
    """

    path: str
    data: Mapping[str, Any]
    line: int

    @property
    def name(self) -> str:
        """`metadata.name`, the identity of the launch."""
        name: str = self.data["metadata"]["name"]
        return name


@dataclass(frozen=True, slots=True)
class Window:
    """Hours in which launches may start.

    Attributes:
        days: `mon` to `sun`; the day on which the window opens, by the clocks of `timezone`.
        start: `HH:MM`, when it opens.
        end: `HH:MM` up to `24:00`, when it closes; earlier than `start` for one that lasts past midnight.
        timezone: IANA name.
    """

    days: tuple[str, ...]
    start: str
    end: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Freeze:
    """Days on which nothing may start.

    Attributes:
        first: `YYYY-MM-DD`, included.
        last: `YYYY-MM-DD`, included.
        timezone: IANA name.
        reason: for people.
    """

    first: str
    last: str
    timezone: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Guards:
    """Rules that can refuse a launch; what is left out refuses nothing.

    Attributes:
        max_launches: starts in one apply; more refuses the whole apply.
        max_hosts: resolved hosts of one launch.
        allowed_plans: job plan ids; `None` for any.
        windows: hours in which launches may start; none for any time.
        freezes: days on which nothing may start.
        require_reviewed_digest: nothing acts that no review covers.
        require_verification: an instance that cannot be read back is not started.
        allow_single_phase: a server that cannot create an instance un-started may be used.
    """

    max_launches: int | None = None
    max_hosts: int | None = None
    allowed_plans: tuple[int, ...] | None = None
    windows: tuple[Window, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    require_reviewed_digest: bool = False
    require_verification: bool = False
    allow_single_phase: bool = False


@dataclass(frozen=True, slots=True)
class Environment:
    """A named target of launches.

    Attributes:
        name: its key in the workspace.
        server: `sandbox`, or a name that settings resolve outside the repository.
        scope: where launches of this environment run.
        allowed_scopes: further scopes that a manifest may name.
        ledger: back end of the ledger: `file` or `git`.
        guards: rules that can refuse a launch.
    """

    name: str
    server: str
    scope: Scope
    allowed_scopes: tuple[Scope, ...] = ()
    ledger: str = "file"
    guards: Guards = Guards()

    @property
    def is_sandbox(self) -> bool:
        """Whether the built-in JOB server is meant, which can hurt nobody."""
        return self.server == SANDBOX


@dataclass(frozen=True, slots=True)
class WorkspaceDocument:
    """The repository's settings, after they have passed their schema.

    Attributes:
        path: the file, relative to the workspace.
        name: `metadata.name`.
        manifests: glob patterns of the manifests, relative to the workspace.
        default_environment: where a manifest without `environments` launches.
        environments: by name, in the order of the file.
        marker: name of the String variable that carries the nonce; `None` for none.
        defaults: partial spec merged under every manifest.
    """

    path: str
    name: str
    manifests: tuple[str, ...]
    default_environment: str
    environments: Mapping[str, Environment]
    marker: str | None
    defaults: Mapping[str, Any]

    @classmethod
    def from_data(cls, path: str, data: Mapping[str, Any]) -> WorkspaceDocument:
        """The typed form of `data`, which must have passed the workspace schema."""
        spec = data["spec"]
        return cls(
            path=path,
            name=data["metadata"]["name"],
            manifests=tuple(spec.get("manifests", DEFAULT_MANIFESTS)),
            default_environment=spec["defaultEnvironment"],
            environments={
                name: _environment(name, item) for name, item in spec["environments"].items()
            },
            marker=spec.get("marker"),
            defaults=spec.get("defaults", {}),
        )


def _environment(name: str, data: Mapping[str, Any]) -> Environment:
    return Environment(
        name=name,
        server=data["server"],
        scope=_scope(data["scope"]),
        allowed_scopes=tuple(_scope(item) for item in data.get("allowedScopes", ())),
        ledger=data.get("ledger", "file"),
        guards=_guards(data.get("guards", {})),
    )


def _scope(data: Mapping[str, Any]) -> Scope:
    return Scope(data["type"], data["id"])


def _guards(data: Mapping[str, Any]) -> Guards:
    plans = data.get("allowedPlans")
    return Guards(
        max_launches=data.get("maxLaunches"),
        max_hosts=data.get("maxHosts"),
        allowed_plans=None if plans is None else tuple(plans),
        windows=tuple(
            Window(tuple(item["days"]), item["from"], item["to"], item["timezone"])
            for item in data.get("windows", ())
        ),
        freezes=tuple(
            Freeze(item["from"], item["to"], item["timezone"], item.get("reason"))
            for item in data.get("freezes", ())
        ),
        require_reviewed_digest=data.get("requireReviewedDigest", False),
        require_verification=data.get("requireVerification", False),
        allow_single_phase=data.get("allowSinglePhase", False),
    )
