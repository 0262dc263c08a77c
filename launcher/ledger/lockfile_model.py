"""The shape of a lockfile, as pydantic models: its JSON Schema is made from them, files are checked with them.

They stand apart from the models of manifests: what a newer launcher no longer lets people declare
must still be readable in an old record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError

from launcher.engine.recorded import ACCEPTED, OutcomeKind
from launcher.model.base import Absentable, ManifestModel, Shape
from launcher.model.schema import render, schema_of
from launcher.model.shapes import Name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.diagnostics import Pointer

__all__ = ["SCHEMA_FILE", "LockfileModel", "lockfile_schema", "problems", "schema_files"]

SCHEMA_FILE = "lockfile-v1.json"

_SHOWN = 20
_SHA256 = r"sha256:[0-9a-f]{64}$(?!\n)"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}"

Digest = Annotated[str, Shape("digest", rf"^v1:{_SHA256}")]
Hash = Annotated[str, Shape("hash", rf"^{_SHA256}")]
Time = Annotated[
    str, Shape("time", rf"^{_DATE}T{_TIME}Z$(?!\n)"), Field(examples=["2026-11-23T02:00:00Z"])
]
Number = Annotated[int, Field(ge=1)]
Anything = Annotated[str, Shape("anything", "")]


def _in_words(name: str, _: object) -> str:
    return name.replace("_", " ").capitalize()


class RecordModel(ManifestModel):
    """A mapping of a lockfile."""

    model_config = ConfigDict(field_title_generator=_in_words)


class Key(RecordModel):
    """Which launch of a name is meant."""

    revision: Annotated[int, Field(ge=1, description="The manifest's revision.")]
    digest: Annotated[Digest, Field(description="Digest of the effective spec.")]


class Instance(RecordModel):
    """A job instance on JOB."""

    id: Annotated[Number, Field(description="The instance's id.")]
    name: Annotated[str | None, Field(description="Its name, which is the job plan's.")]
    url: Annotated[str | None, Field(description="Its page, where one is known.")]


class Plan(RecordModel):
    """The job plan content that was launched."""

    id: Annotated[Number, Field(description="The job plan's id.")]
    name: Annotated[str, Field(description="Its name.")]
    digest: Annotated[Digest, Field(description="Digest of everything JOB tells about it.")]
    last_modified: Annotated[str, Field(description="When it was last changed, in UTC.")]


class SpecScope(RecordModel):
    """Where it runs."""

    type: str
    id: str


class SpecPlan(RecordModel):
    """The job plan by its id."""

    id: Number


class SpecPlanName(RecordModel):
    """The job plan by its name; `plan.id` of the launch says which one that was."""

    name: str
    template: Absentable[str] = None


class SpecPin(RecordModel):
    """The only job plan content that may run."""

    digest: Digest


class SpecIp(RecordModel):
    """A host by its address."""

    cloud: int
    ip: str


class SpecNode(RecordModel):
    """A node of the CMDB's tree."""

    type: str
    id: int


class SpecHosts(RecordModel):
    """Hosts, as sets."""

    ids: Absentable[list[int]] = None
    ips: Absentable[list[SpecIp]] = None
    dynamic_groups: Absentable[list[str]] = None
    topo_nodes: Absentable[list[SpecNode]] = None


class SpecSecret(RecordModel):
    """Where a secret comes from; never the secret."""

    env: Absentable[str] = None
    file: Absentable[str] = None
    version: str


class TextVariable(RecordModel):
    """A variable with a text."""

    id: Absentable[int] = None
    value: str


class HostVariable(RecordModel):
    """A variable with hosts."""

    id: Absentable[int] = None
    hosts: SpecHosts


class SecretVariable(RecordModel):
    """A variable with a reference to a secret."""

    id: Absentable[int] = None
    secret: SpecSecret


class Spec(RecordModel):
    """An effective spec, secrets as references, the callback URL without user, query and fragment."""

    scope: SpecScope
    plan: SpecPlan | SpecPlanName
    variables: dict[Anything, TextVariable | HostVariable | SecretVariable]
    callback_url: Absentable[str] = None
    pin: Absentable[SpecPin] = None


class Accepted(RecordModel):
    """The last accepted attempt, where it is not the newest."""

    attempt: Number
    key: Key
    outcome: Annotated[
        Absentable[Literal[tuple(sorted(kind.value for kind in ACCEPTED))]],  # type: ignore[valid-type]  # an enum would need converting
        Field(description="How it counts as done; it succeeded, where that is not said."),
    ] = None
    spec: Spec


class Entry(RecordModel):
    """One launch: its newest attempt."""

    key: Annotated[Key, Field(description="The launch key of the newest attempt.")]
    attempt: Annotated[Number, Field(description="Number of the newest attempt of this name.")]
    outcome: Annotated[
        Literal[tuple(kind.value for kind in OutcomeKind)],  # type: ignore[valid-type]  # an enum would need converting
        Field(description="What came of it, so far or for good."),
    ]
    instance: Annotated[
        Instance | None, Field(description="The job instance; null until one is known.")
    ]
    plan: Annotated[Plan | None, Field(description="The job plan content that was launched.")]
    spec: Annotated[Spec, Field(description="The effective spec it was intended with.")]
    accepted: Annotated[
        Accepted | None,
        Field(description="The last accepted attempt, where it is not the newest."),
    ]
    started: Annotated[Time | None, Field(description="When its first START was recorded.")]
    finished: Annotated[Time | None, Field(description="When it ended.")]
    commit: Annotated[str | None, Field(description="The commit it was intended for.")]
    manifest: Annotated[str, Field(description="The file that declared it.")]
    archived: Annotated[
        Absentable[bool],
        Field(description="It is no longer declared; what it did stays on record."),
    ] = None


class LockfileModel(RecordModel):
    """What has run in one environment: the present of its ledger. Written by launcher, never by hand."""

    model_config = ConfigDict(title="Lockfile")

    # Not a literal: pydantic would take `true` for 1, and a JSON Schema does not.
    lockfile_version: Annotated[int, Field(ge=1, le=1, description="Version of this format.")]
    environment: Annotated[Name, Field(description="The environment.")]
    lineage: Annotated[
        str, Field(min_length=1, description="The random id that the ledger was born with.")
    ]
    server: Annotated[
        str | None,
        Field(description="Fingerprint of the JOB server; null before the first launch."),
    ]
    serial: Annotated[Number, Field(description="Number of the newest event.")]
    head: Annotated[Hash, Field(description="Hash of the newest event.")]
    commit: Annotated[str | None, Field(description="What the newest session worked for.")]
    launches: Annotated[dict[Name, Entry], Field(description="Launches by name.")]


def lockfile_schema() -> dict[str, Any]:
    """The JSON Schema of a lockfile, in the part that draft-07 and 2020-12 read alike."""
    return schema_of(LockfileModel)


def schema_files() -> Mapping[str, str]:
    """The text of each generated file of `schemas/` that this package owns, by file name."""
    return {SCHEMA_FILE: render(lockfile_schema())}


def problems(data: object) -> tuple[tuple[Pointer, str], ...]:
    """Where and how `data` is not a lockfile; the first few, empty if it is one."""
    try:
        LockfileModel.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)[:_SHOWN]
        return tuple((_pointer(data, item["loc"]), item["msg"]) for item in details)
    return ()


def _pointer(data: object, route: tuple[int | str, ...]) -> Pointer:
    """The part of `route` that leads through `data`; names of alternatives are no part of a document."""
    steps: list[int | str] = []
    for step in route:
        try:
            data = data[step]  # type: ignore[index]  # whatever cannot be entered ends in an error
        except (IndexError, KeyError, TypeError):
            continue
        steps.append(step)
    return tuple(steps)
