"""`kind: UserConfig`: where servers are and who asks there, in a file of the user's own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from launcher.model.base import TAG, Absentable, ManifestModel, one_of
from launcher.model.shapes import Duration, Line, ServerName, UserVariable

__all__ = ["Server", "UserConfig", "UserConfigSpec"]

_SOURCES = ("env", "file")


class VariableReference(ManifestModel):
    """A secret in an environment variable."""

    env: Annotated[
        UserVariable,
        Field(
            title="Environment variable", description="The variable that is read, by its full name."
        ),
    ]


class FileReference(ManifestModel):
    """A secret in a file."""

    file: Annotated[
        Line,
        Field(
            title="File",
            description="The file that is read: absolute, below `~/`, or relative to the folder of this file. One line break at its end is no part of the secret.",
            examples=["/run/secrets/bk_ticket", "~/.secrets/bk_ticket"],
        ),
    ]


def _kind(value: Any) -> str:  # noqa: ANN401 - whatever stands in the document
    if isinstance(value, dict):
        return TAG + ("file" if "file" in value else "env")
    return TAG + "text"


Secret = Annotated[
    Annotated[Line, Tag(TAG + "text")]
    | Annotated[VariableReference, Tag(TAG + "env")]
    | Annotated[FileReference, Tag(TAG + "file")],
    Discriminator(_kind),
    BeforeValidator(one_of("reference", _SOURCES)),
]
"""A reference to a secret; or the secret itself, in a file that only its owner may read."""


def _secret(title: str, what: str) -> Any:  # noqa: ANN401 - pydantic's own return type
    return Field(
        title=title,
        description=f"{what}: `{{env: VARIABLE}}`, `{{file: PATH}}`, or the text itself if nobody but its owner may read this file.",
        examples=[{"env": "MY_SECRET"}, {"file": "/run/secrets/my_secret"}],
    )


class Server(ManifestModel):
    """One JOB server: where it is, and who asks there."""

    url: Annotated[
        Absentable[Line],
        Field(
            title="Address",
            description="The base up to but not including `/api/v3`; for the door `esb` up to but not including `/api/c/compapi`.",
            examples=["https://bkapi.example.com/api/bk-job/prod"],
        ),
    ] = None
    url_template: Annotated[
        Absentable[Line],
        Field(
            title="Address template",
            description="In the place of `url`: the API gateway with `{gateway_name}` for the name of a gateway.",
            examples=["https://bkapi.example.com/api/{gateway_name}"],
        ),
    ] = None
    stage: Annotated[
        Absentable[Line],
        Field(
            title="Stage",
            description="The gateway's stage, with `urlTemplate`; `prod` otherwise.",
            examples=["prod"],
        ),
    ] = None
    door: Annotated[
        Literal["gateway", "esb"],
        Field(title="Door", description="Which entrance of JOB stands there."),
    ] = "gateway"
    tenant: Annotated[
        Absentable[Line],
        Field(title="Tenant", description="The tenant, where there are several."),
    ] = None
    ca_bundle: Annotated[
        Absentable[Line],
        Field(
            title="Certificates",
            description="A file of PEM certificates to trust instead of the built-in ones: absolute, below `~/`, or relative to the folder of this file.",
            examples=["/etc/ssl/certs/company.pem"],
        ),
    ] = None
    proxy: Annotated[
        Absentable[Line],
        Field(
            title="Proxy",
            description="The HTTP proxy that requests go through.",
            examples=["http://proxy.example.com:3128"],
        ),
    ] = None
    app_code: Annotated[
        Absentable[Line], Field(title="Application", description="The code of the application.")
    ] = None
    app_secret: Annotated[
        Absentable[Secret], _secret("Application's secret", "The application's secret")
    ] = None
    access_token: Annotated[
        Absentable[Secret], _secret("Access token", "The user, by an access token")
    ] = None
    ticket: Annotated[Absentable[Secret], _secret("Ticket", "The user, by `bk_ticket`")] = None
    token: Annotated[Absentable[Secret], _secret("Token", "The user, by `bk_token`")] = None
    username: Annotated[
        Absentable[Line],
        Field(
            title="User name",
            description="The user, by name; for applications that need not prove who it is.",
            examples=["admin"],
        ),
    ] = None


class UserConfigSpec(ManifestModel):
    """What holds for all workspaces of this user."""

    lang: Annotated[
        Absentable[Literal["en", "zh-cn"]],
        Field(title="Language", description="The language that JOB's own messages come in."),
    ] = None
    poll: Annotated[
        Absentable[Duration],
        Field(
            title="Poll", description="The shortest pause between two looks at running instances."
        ),
    ] = None
    servers: Annotated[
        Absentable[dict[ServerName, Server]],
        Field(
            title="Servers",
            description="What `server: NAME` in a workspace means, by name. `sandbox` is the built-in server and is not described here.",
        ),
    ] = None


class UserConfig(ManifestModel):
    """A user's own settings: where servers are and who asks there, outside of every repository."""

    api_version: Annotated[
        Literal["launcher/v1"],
        Field(title="API version", description="The version of this format: `launcher/v1`."),
    ]
    kind: Annotated[
        Literal["UserConfig"],
        Field(title="Kind", description="`UserConfig`: this file holds a user's own settings."),
    ]
    spec: Annotated[
        UserConfigSpec,
        Field(title="Spec", description="What holds for all workspaces of this user."),
    ]
