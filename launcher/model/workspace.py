"""`kind: Workspace`: the settings of a repository of manifests, in `launcher.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from launcher.model.base import Absentable, DistinctList, ManifestModel
from launcher.model.guards import Guards
from launcher.model.planlaunch import PartialSpec, ScopeReference
from launcher.model.shapes import GlobPattern, Name, ServerName, VariableName

__all__ = ["EnvironmentSettings", "Workspace", "WorkspaceMetadata", "WorkspaceSpec"]


class EnvironmentSettings(ManifestModel):
    """A named target of launches."""

    server: Annotated[
        ServerName,
        Field(
            title="Server",
            description="`sandbox` for the built-in JOB server, or a name. Address and credentials of a name come from the environment or the user configuration, never from this file.",
        ),
    ]
    scope: Annotated[
        ScopeReference, Field(title="Scope", description="Where job plans run in this environment.")
    ]
    allowed_scopes: Annotated[
        Absentable[DistinctList[ScopeReference]],
        Field(
            title="Allowed scopes",
            description="Further scopes that a manifest may name in this environment; none by default.",
            examples=[[{"type": "biz", "id": "4"}]],
        ),
    ] = None
    ledger: Annotated[
        Literal["file", "git"],
        Field(
            title="Ledger",
            description="Where the record of launches is kept. `file`: a journal below `.launcher/`, for one folder that stays. `git`: a branch of the remote, for runners that come and go.",
        ),
    ] = "file"
    guards: Annotated[
        Absentable[Guards], Field(title="Guards", description="Rules that can refuse a launch.")
    ] = None


class WorkspaceMetadata(ManifestModel):
    """Who this workspace is."""

    name: Annotated[
        Name,
        Field(
            title="Name",
            description="Name of the workspace: lower-case letters, digits and hyphens, at most 63.",
            examples=["payments"],
        ),
    ]


class WorkspaceSpec(ManifestModel):
    """What the manifests of this repository share."""

    manifests: Annotated[
        DistinctList[GlobPattern],
        Field(
            min_length=1,
            title="Manifests",
            description="Where manifests are: path patterns relative to this file. `**` stands for any number of directories.",
        ),
    ] = ["plans/**/*.yaml"]  # noqa: RUF012 - pydantic copies a default
    default_environment: Annotated[
        Name,
        Field(
            title="Default environment",
            description="Where a manifest without `environments` launches; one of `environments`.",
            examples=["sandbox"],
        ),
    ]
    marker: Annotated[
        Absentable[VariableName],
        Field(
            title="Marker",
            description="Name of a String variable that carries the launch's mark, sent with every launch. JOB ignores it where a job plan has no such variable.",
            examples=["LAUNCH_KEY"],
        ),
    ] = None
    defaults: Annotated[
        Absentable[PartialSpec],
        Field(title="Defaults", description="Merged under the `spec` of every manifest."),
    ] = None
    environments: Annotated[
        dict[Name, EnvironmentSettings],
        Field(
            min_length=1,
            title="Environments",
            description="The targets of launches, by name.",
            examples=[{"sandbox": {"server": "sandbox", "scope": {"type": "biz", "id": "2"}}}],
        ),
    ]


class Workspace(ManifestModel):
    """Settings of a repository of launch manifests."""

    api_version: Annotated[
        Literal["launcher/v1"],
        Field(title="API version", description="The version of this format: `launcher/v1`."),
    ]
    kind: Annotated[
        Literal["Workspace"],
        Field(title="Kind", description="`Workspace`: this file holds the repository's settings."),
    ]
    metadata: Annotated[
        WorkspaceMetadata, Field(title="Metadata", description="Who this workspace is.")
    ]
    spec: Annotated[
        WorkspaceSpec,
        Field(title="Spec", description="What the manifests of this repository share."),
    ]
