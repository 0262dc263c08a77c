"""What a variable can stand for besides text: hosts, or a secret."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from launcher.model.base import (
    TAG,
    Absentable,
    FromZero,
    Id,
    ManifestModel,
    NonEmptyList,
    one_of,
)
from launcher.model.shapes import DynamicGroupId, Ipv4, Line, NodeType, SecretEnv, SecretFile

__all__ = ["HostSet", "Secret"]


class IpAddress(ManifestModel):
    """A host by its address."""

    cloud: Annotated[
        FromZero,
        Field(
            title="Cloud area",
            description="Id of the cloud area; 0 is the default one.",
            examples=[0],
        ),
    ]
    ip: Annotated[Ipv4, Field(title="IP address", description="An IPv4 address.")]


class TopoNode(ManifestModel):
    """All hosts below a node of the CMDB's tree."""

    type: Annotated[
        NodeType, Field(title="Node type", description="What the CMDB calls this kind of node.")
    ]
    id: Annotated[Id, Field(title="Node id", description="The node's id.", examples=[1000])]


class Hosts(ManifestModel):
    """The hosts of a host variable: the union of the lists, of which at least one is given."""

    ids: Annotated[
        Absentable[NonEmptyList[Id]],
        Field(title="Host ids", description="Ids of hosts in the CMDB.", examples=[[101, 102]]),
    ] = None
    ips: Annotated[
        Absentable[NonEmptyList[IpAddress]],
        Field(
            title="Addresses",
            description="Hosts by cloud area and IPv4 address. JOB ignores them where `ids` is given.",
            examples=[[{"cloud": 0, "ip": "10.0.0.11"}]],
        ),
    ] = None
    dynamic_groups: Annotated[
        Absentable[NonEmptyList[DynamicGroupId]],
        Field(
            title="Dynamic groups",
            description="Ids of dynamic groups, resolved to hosts when the job is created.",
            examples=[["blo8gojho0skft7pr5q0"]],
        ),
    ] = None
    topo_nodes: Annotated[
        Absentable[NonEmptyList[TopoNode]],
        Field(
            title="Topology nodes",
            description="Nodes of the CMDB's tree, resolved to hosts when the job is created.",
            examples=[[{"type": "module", "id": 1000}]],
        ),
    ] = None


def _has_hosts(value: object) -> object:
    if value == {}:
        raise PydanticCustomError("no_hosts", "names no host")
    return value


HostSet = Annotated[
    Hosts, BeforeValidator(_has_hosts), Field(json_schema_extra={"minProperties": 1})
]

_SECRET_VERSION = Field(
    title="Version",
    description="Raise it with every rotation: nothing else shows that the secret has changed.",
    examples=["3"],
)


class EnvironmentSecret(ManifestModel):
    """A secret in an environment variable."""

    env: Annotated[
        SecretEnv,
        Field(
            title="Environment variable",
            description="`DB_PASSWORD` is read from `LAUNCHER_SECRET_DB_PASSWORD`, and from nowhere else.",
        ),
    ]
    version: Annotated[Line, _SECRET_VERSION]


class FileSecret(ManifestModel):
    """A secret in a file."""

    file: Annotated[
        SecretFile,
        Field(
            title="File",
            description="A file below the directory that `LAUNCHER_SECRETS_DIR` names, and nowhere else.",
        ),
    ]
    version: Annotated[Line, _SECRET_VERSION]


_SOURCES = ("env", "file")


def _secret_kind(value: Any) -> str:  # noqa: ANN401 - whatever stands in the document
    return TAG + ("file" if isinstance(value, dict) and "file" in value else "env")


Secret = Annotated[
    Annotated[EnvironmentSecret, Tag(TAG + "env")] | Annotated[FileSecret, Tag(TAG + "file")],
    Discriminator(_secret_kind),
    BeforeValidator(one_of("secret", _SOURCES)),
]
