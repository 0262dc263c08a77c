"""`kind: PlanLaunch`: one launch of a job plan, as it is declared."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag

from launcher.model.base import (
    TAG,
    Absentable,
    DistinctList,
    FromOne,
    Id,
    ManifestModel,
    one_of,
    only_boolean,
)
from launcher.model.policy import Retry, Wait
from launcher.model.shapes import (
    CallbackUrl,
    Instant,
    LabelKey,
    Line,
    Name,
    PlanDigest,
    ScopeId,
    Text,
    VariableName,
)
from launcher.model.targets import HostSet, Secret

__all__ = [
    "Metadata",
    "Overlay",
    "PartialSpec",
    "Pin",
    "PlanLaunch",
    "PlanReference",
    "ScopeReference",
]

_KINDS = ("value", "hosts", "secret")


class ScopeReference(ManifestModel):
    """A resource scope of JOB."""

    type: Annotated[
        Literal["biz", "biz_set", "tenant_set"],
        Field(
            title="Scope type",
            description="What kind of scope it is: a business, a set of businesses, or a set of tenants.",
        ),
    ]
    id: Annotated[
        ScopeId, Field(title="Scope id", description="The scope's id, as text: quote it.")
    ]


class PlanById(ManifestModel):
    """The job plan to launch, by its id."""

    id: Annotated[
        Id,
        Field(
            title="Job plan id",
            description="The id of the job plan on JOB, as its page shows it.",
            examples=[1000],
        ),
    ]


class PlanByName(ManifestModel):
    """The job plan to launch, by its name, which is looked up in the scope whenever something is decided."""

    name: Annotated[
        Line,
        Field(
            title="Job plan name",
            description="The name of the job plan on JOB, letter by letter. If several job plans of the scope have it, `template` has to tell which one is meant.",
            examples=["Deploy web"],
        ),
    ]
    template: Annotated[
        Absentable[Line],
        Field(
            title="Template",
            description="The name of the template that the job plan belongs to.",
            examples=["web"],
        ),
    ] = None


def _plan_kind(value: Any) -> str:  # noqa: ANN401 - whatever stands in the document
    return TAG + ("name" if isinstance(value, dict) and "name" in value else "id")


PlanReference = Annotated[
    Annotated[PlanById, Tag(TAG + "id")] | Annotated[PlanByName, Tag(TAG + "name")],
    Discriminator(_plan_kind),
    BeforeValidator(one_of("plan", ("id", "name"))),
]
"""The job plan to launch: by its id, or by its name."""


class Pin(ManifestModel):
    """The job plan content that was reviewed."""

    digest: Annotated[
        PlanDigest,
        Field(
            title="Digest",
            description="The digest of the job plan's content, as `launcher pin` writes it and `launcher diff -o json` tells it under `plan`.",
        ),
    ]


_VariableId = Annotated[
    Absentable[Id],
    Field(
        title="Variable id",
        description="JOB's id of the variable. Where it is given, JOB finds the variable by it alone and the name only serves the reader.",
        examples=[436],
    ),
]


class TextVariable(ManifestModel):
    """A variable with text for its value."""

    id: _VariableId = None
    value: Annotated[
        Text,
        Field(
            title="Value",
            description='The text that JOB gets. Quote what looks like a number or a boolean: `"1.10"`. `""` is the empty text.',
        ),
    ]


class HostVariable(ManifestModel):
    """A host variable with the hosts it stands for."""

    id: _VariableId = None
    hosts: Annotated[
        HostSet,
        Field(
            title="Hosts",
            description="The hosts, at least one. They replace the job plan's own hosts.",
        ),
    ]


class SecretVariable(ManifestModel):
    """A cipher variable with a reference to its secret."""

    id: _VariableId = None
    secret: Annotated[
        Secret,
        Field(
            title="Secret",
            description="Where the secret is read from. The value itself never stands in a manifest.",
        ),
    ]


class UnsetVariable(ManifestModel):
    """Removes a variable in one environment, so that the job plan's own value is used."""

    unset: Annotated[
        Literal[True],
        BeforeValidator(only_boolean),
        Field(
            title="Unset",
            description="`true`: leave the variable out here; the job plan's own value is used.",
        ),
    ]


def _kind(value: Any) -> str:  # noqa: ANN401 - whatever stands in the document
    if isinstance(value, dict):
        return TAG + next((kind for kind in (*_KINDS, "unset") if kind in value), "value")
    return TAG + "text"


_Plain = Annotated[Text, Tag(TAG + "text")]
_Value = Annotated[TextVariable, Tag(TAG + "value")]
_Hosts = Annotated[HostVariable, Tag(TAG + "hosts")]
_Secret = Annotated[SecretVariable, Tag(TAG + "secret")]
_Unset = Annotated[UnsetVariable, Tag(TAG + "unset")]

Variable = Annotated[
    _Plain | _Value | _Hosts | _Secret,
    Discriminator(_kind),
    BeforeValidator(one_of("variable", _KINDS)),
]
OverlaidVariable = Annotated[
    _Plain | _Value | _Hosts | _Secret | _Unset,
    Discriminator(_kind),
    BeforeValidator(one_of("overlay", (*_KINDS, "unset"))),
]

_VARIABLES = Field(
    title="Variables",
    description="Values of the job plan's variables by name: text, or a mapping with exactly one of `value`, `hosts` and `secret`. A variable that is not named keeps the job plan's own value.",
    examples=[{"package_version": "1.4.2", "targets": {"hosts": {"ids": [101, 102]}}}],
)


AnyVariable = TypeVar("AnyVariable")


class _LaunchFields(ManifestModel, Generic[AnyVariable]):
    """What `spec`, an overlay and the workspace's defaults have in common."""

    scope: Annotated[
        Absentable[ScopeReference],
        Field(
            title="Scope",
            description="Where the job plan runs: the scope of the environment, which it is if left out, or one of its `allowedScopes`.",
        ),
    ] = None
    plan: Annotated[
        Absentable[PlanReference],
        Field(
            title="Job plan",
            description="The job plan to launch: `id`, or `name` with or without `template`.",
            examples=[{"id": 1000}, {"name": "Deploy web", "template": "web"}],
        ),
    ] = None
    variables: Annotated[Absentable[dict[VariableName, AnyVariable]], _VARIABLES] = None
    callback_url: Annotated[
        Absentable[CallbackUrl],
        Field(
            title="Callback URL",
            description="What JOB calls when the job has ended: `http` or `https`, without user name or password.",
        ),
    ] = None
    trigger: Annotated[
        Literal["onChange", "once", "manual"],
        Field(
            title="Trigger",
            description="When it launches. `onChange`: when what would run has changed since the last launch. `once`: until it has succeeded; a later change needs a higher `revision`. `manual`: when somebody asks with `launcher launch`.",
        ),
    ] = "onChange"
    revision: Annotated[
        FromOne,
        Field(
            title="Revision",
            description="Raise it to ask for the same launch again. It never goes down.",
            examples=[2],
        ),
    ] = 1
    needs: Annotated[
        Absentable[DistinctList[Name]],
        Field(
            title="Needs",
            description="Names of launches that must have succeeded before, in the same environment.",
            examples=[["db-migrate"]],
        ),
    ] = None
    not_before: Annotated[
        Absentable[Instant],
        Field(
            title="Not before",
            description="Hold this launch back until then: date, time and offset, as RFC 3339 writes them.",
        ),
    ] = None
    suspend: Annotated[
        bool,
        Field(
            title="Suspend", description="`true`: hold this launch back until it is `false` again."
        ),
    ] = False
    wait: Annotated[
        Absentable[Wait],
        Field(
            title="Wait",
            description="How long a run waits for the job to end, and what follows then.",
            examples=[{"timeout": "30m", "onTimeout": "detach"}],
        ),
    ] = None
    retry: Annotated[
        Absentable[Retry],
        Field(
            title="Retry",
            description="Attempts without being asked again, after a job that JOB reports as failed; never after an outcome that is not known.",
            examples=[{"maxAttempts": 3, "backoff": "30s"}],
        ),
    ] = None
    pin: Annotated[
        Absentable[Pin],
        Field(
            title="Pin",
            description="The only job plan content that may run: a job plan that was changed since is refused. `launcher pin` writes it. It is part of what would run, so changing it asks for a new launch.",
        ),
    ] = None


class PartialSpec(_LaunchFields[Variable]):
    """What to launch. Fields that are missing come from the workspace's defaults or an overlay."""


def _without_defaults(schema: dict[str, Any]) -> None:
    """A field that an overlay leaves out keeps what `spec` says, not a default."""
    for field in schema["properties"].values():
        field.pop("default", None)


class Overlay(_LaunchFields[OverlaidVariable]):
    """What differs in one environment. Each field and each variable given here replaces the other whole."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)


class Metadata(ManifestModel):
    """Who this launch is. None of it changes what runs."""

    name: Annotated[
        Name,
        Field(
            title="Name",
            description="The identity of the launch: unique in the workspace, independent of the file's path. Lower-case letters, digits and hyphens, at most 63.",
        ),
    ]
    title: Annotated[
        Absentable[Line],
        Field(title="Title", description="One line for people.", examples=["Deploy the web tier"]),
    ] = None
    labels: Annotated[
        Absentable[dict[LabelKey, Line]],
        Field(
            title="Labels",
            description="Words to group and find launches by.",
            examples=[{"team": "web"}],
        ),
    ] = None
    owners: Annotated[
        Absentable[DistinctList[Line]],
        Field(
            title="Owners", description="Who to ask about this launch.", examples=[["web-oncall"]]
        ),
    ] = None
    renamed_from: Annotated[
        Absentable[Name],
        Field(
            title="Renamed from",
            description="The name that this launch had before, which keeps its history: what has run under the old name does not run again. Remove it once every environment has taken it over.",
            examples=["web-release"],
        ),
    ] = None


class PlanLaunch(ManifestModel):
    """Declares one launch of a BlueKing JOB job plan."""

    api_version: Annotated[
        Literal["launcher/v1"],
        Field(title="API version", description="The version of this format: `launcher/v1`."),
    ]
    kind: Annotated[
        Literal["PlanLaunch"],
        Field(title="Kind", description="`PlanLaunch`: this file declares one launch."),
    ]
    metadata: Annotated[Metadata, Field(title="Metadata", description="Who this launch is.")]
    spec: Annotated[
        PartialSpec, Field(title="Spec", description="What to launch, in every environment.")
    ]
    environments: Annotated[
        Absentable[dict[Name, Overlay]],
        Field(
            title="Environments",
            description="The environments it launches in, each with what differs there; `{}` for no difference. Left out, it launches in the workspace's default environment only.",
            examples=[{"staging": {}, "production": {"plan": {"id": 2000}}}],
        ),
    ] = None
