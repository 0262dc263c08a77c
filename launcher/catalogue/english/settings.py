"""Texts about settings and secrets: L500 to L519."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.catalogue.english.userconfig import USER_CONFIGURATION

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SETTINGS"]

_NO_HINTS: Mapping[str, str] = {}

SETTINGS: Mapping[str, Entry] = {
    "L500": Entry(
        summary="A setting is missing",
        detail="The server `{server}` needs {variables}, which {where} does not hold.",
        cause="An environment of the workspace names a server other than `sandbox`. Where that is and who "
        "asks there comes from the environment or from the user configuration, never from the repository, "
        "and from one of the two as a whole: the credentials of one server must not be sent to another.",
        cure="Set BK_API_URL_TMPL (or LAUNCHER_URL), BK_APP_CODE, BK_APP_SECRET, and one of "
        "BK_JOB_ACCESS_TOKEN, BK_TICKET, BK_TOKEN, BK_USERNAME; or describe the server in the user "
        "configuration. `launcher config show` prints what there is and where it comes from.",
        hints={
            "default": "Set {variables} in the environment of this command, or describe the server in the "
            "user configuration:\nlauncher config show",
            "instead": "Set {variables}, or unset the address in the environment: with one, the environment "
            "describes the server as a whole, and what the user configuration says of it is not used.",
            "file": "Add it there. Variables of the environment count only beside an address of the "
            "environment; in the file, `{{env: VARIABLE}}` refers to one.",
        },
    ),
    "L501": Entry(
        summary="A setting cannot be used",
        detail="{variable} cannot be used: {reason}.",
        cause="The variable of the environment, or the field of the user configuration, holds a value of "
        "another form; or the folder of secrets lies inside the repository, or behind a link in it, where a pull request could "
        "choose what is sent out.",
        cure="Correct it, or remove it where it has a default. Durations are written in "
        "seconds or like `500ms`, `30s`, `10m`, `1h`; folders as absolute paths; addresses as `https://`. Secrets are kept "
        "outside of every repository.",
        hints=_NO_HINTS,
    ),
    "L502": Entry(
        summary="The address is not HTTPS",
        detail="{variable} starts with `http://`. Credentials are sent over HTTPS only.",
        cause="Plain HTTP would show the credentials to everybody on the way.",
        cure="Use the `https://` address. For a server on this machine's loopback, also set "
        "LAUNCHER_ALLOW_HTTP=1.",
        hints={"default": "Use `https://`; plain HTTP is for loopback with LAUNCHER_ALLOW_HTTP=1."},
    ),
    "L503": Entry(
        summary="Not exactly one user credential",
        detail="The server `{server}` needs exactly one of {choices}; found: {found}.",
        cause="JOB acts on behalf of one user. With none it refuses, with two it is not clear who it is.",
        cure="Set one of the four, and unset the others.",
        hints={
            "default": "Set one of them.",
            "instead": "Set one of them, or unset the address in the environment: with one, the environment "
            "describes the server as a whole, and what the user configuration says of it is not used.",
            "file": "Keep one. Variables of the environment count only beside an address of the environment; "
            "in the file, `{{env: VARIABLE}}` refers to one.",
        },
    ),
    "L504": Entry(
        summary="The door is not known",
        detail="LAUNCHER_DOOR is `{door}`, and JOB has the doors `gateway` and `esb`.",
        cause="JOB has two entrances: the API gateway, and ESB, which is older.",
        cure="Set LAUNCHER_DOOR to `gateway` or `esb`, or remove it for the API gateway.",
        hints={"default": "Set LAUNCHER_DOOR to `gateway` or `esb`, or remove it."},
    ),
    "L505": Entry(
        summary="Two settings contradict each other",
        detail="{short} ({short_value}) must be shorter than {long} ({long_value}): otherwise a second START could be sent "
        "while the first is still on its way.",
        cause="A second START is sent only after the first had time to arrive and to show.",
        cure="Set LAUNCHER_START_WINDOW below LAUNCHER_START_GRACE, and that below LAUNCHER_START_LIMIT; or unset them "
        "for the defaults.",
        hints={
            "default": "Raise {long}, lower {short}, or unset both for the defaults:\nunset {short} {long}"
        },
    ),
    "L506": Entry(
        summary="The certificates cannot be read",
        detail="The file of certificates, `{path}`, cannot be used: {reason}.",
        cause="The file is missing, is not readable, or holds no certificates in PEM form; or it lies inside the "
        "repository, or behind a link in it, where a pull request could choose who is trusted.",
        cure="Point LAUNCHER_CA_BUNDLE, or `caBundle` of the user configuration, at a file of PEM "
        "certificates outside of every repository, or remove it for the built-in ones.",
        hints=_NO_HINTS,
    ),
    "L510": Entry(
        summary="A secret is missing",
        detail="A manifest refers to the secret `env: {name}`, and the environment holds no {variable}. "
        "Nothing was sent.",
        cause="`env: NAME` reads the variable LAUNCHER_SECRET_NAME and no other, so that a pull request "
        "cannot choose what is sent out.",
        cure="Set the variable in the environment of `apply`.",
        hints={"default": "Set {variable} in the environment of this command."},
    ),
    "L511": Entry(
        summary="The file of a secret is missing",
        detail="A manifest refers to the secret `file: {name}`, and there is no such file below "
        "LAUNCHER_SECRETS_DIR. Nothing was sent.",
        cause="The file is missing, or the folder is another one.",
        cure="Put the secret there, or set LAUNCHER_SECRETS_DIR to the folder that holds it.",
        hints=_NO_HINTS,
    ),
    "L512": Entry(
        summary="There is no folder for secrets",
        detail="A manifest refers to the secret `file: {name}`, and LAUNCHER_SECRETS_DIR is not set. "
        "Nothing was sent.",
        cause="`file: NAME` reads below that folder only, so that a pull request cannot choose what is "
        "sent out.",
        cure="Set LAUNCHER_SECRETS_DIR to the absolute path of the folder.",
        hints={"default": "Set LAUNCHER_SECRETS_DIR in the environment of this command."},
    ),
    "L513": Entry(
        summary="A secret lies outside its folder",
        detail="The secret `file: {name}` leads out of LAUNCHER_SECRETS_DIR. It was not read, and nothing "
        "was sent.",
        cause="The name holds `..` or starts with `/`, or a symbolic link leads out of the folder.",
        cure="Name a file below the folder, and keep the links inside it.",
        hints=_NO_HINTS,
    ),
    "L514": Entry(
        summary="A secret is empty",
        detail="The secret `{secret}` is empty or a mask of asterisks. Sent as it is, it would replace the "
        "job plan's own value. Nothing was sent.",
        cause="The variable or the file was never filled in, or a masked value was copied.",
        cure="Put the value in, or remove the variable from the manifest to keep the job plan's value.",
        hints=_NO_HINTS,
    ),
    "L515": Entry(
        summary="A secret cannot be used",
        detail="The secret `{secret}` cannot be used: {reason}. Nothing was sent.",
        cause="A secret is UTF-8 text; a file of at most 64 KiB that this user may read.",
        cure="Correct the variable or the file.",
        hints=_NO_HINTS,
    ),
    **USER_CONFIGURATION,
}
