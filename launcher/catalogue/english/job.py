"""Texts about the JOB server and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.catalogue.english.doctor import DOCTOR
from launcher.catalogue.english.looking import LOOKING
from launcher.catalogue.english.operating import OPERATING
from launcher.catalogue.english.platform import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENTRIES"]

_NO_HINTS: Mapping[str, str] = {}

_CLIENT: Mapping[str, Entry] = {
    "L301": Entry(
        summary="JOB was not reached",
        detail="Nothing was sent to {host}: {reason}.",
        cause="The name is not known, nothing listens there (or at the proxy), or a firewall stands in "
        "between. No byte of the request left this machine.",
        cure="Check BK_API_URL_TMPL or LAUNCHER_URL, and HTTPS_PROXY and NO_PROXY; then run the command again.",
        hints=_NO_HINTS,
    ),
    "L302": Entry(
        summary="The answer was lost",
        detail="A request was sent to {host}, and no whole answer came back: {reason}. "
        "What it asked for may have happened.",
        cause="The connection broke, the answer took too long (the gateway itself gives up after 60 s), "
        "or the answer was larger than 16 MiB.",
        cure="Run the command again. Nothing is sent twice because of this: launcher first looks at what "
        "JOB has, and where that cannot be known, the launch is unknown until `launcher resolve`.",
        hints=_NO_HINTS,
    ),
    "L303": Entry(
        summary="JOB's address answers with a redirect",
        detail="{host} answered with HTTP status {status}, a redirect. Launcher never follows one, "
        "because credentials must not reach another address.",
        cause="The address is that of a web page or of a login, or it lacks its path or its `https`; or LAUNCHER_DOOR "
        "names the other door.",
        cure="Set BK_API_URL_TMPL, or LAUNCHER_URL, to the address of the API itself.",
        hints=_NO_HINTS,
    ),
    "L304": Entry(
        summary="The credentials were not accepted",
        detail="{host} answered with HTTP status {status}: it does not accept these credentials.{words}",
        cause="BK_APP_CODE and BK_APP_SECRET do not belong together, or the user's token or ticket has expired or is "
        "another platform's. A BK_USERNAME alone is accepted only for apps that are exempt from proving the user.",
        cure="Compare the app's code and secret with the developer centre's, renew the token, and run again. In place of "
        "BK_USERNAME, give BK_TOKEN, BK_TICKET or BK_JOB_ACCESS_TOKEN.",
        hints=_NO_HINTS,
    ),
    "L305": Entry(
        summary="The gateway does not allow this app",
        detail="{host} answered with HTTP status {status}: this app may not call the API.{words}",
        cause="The app has no permission for the gateway `bk-job` (through ESB: for the system JOBV3), or for this "
        "operation of it, or its permission has expired.",
        cure="Apply for the permission in the developer centre, under cloud API permissions, for the app of BK_APP_CODE.",
        hints=_NO_HINTS,
    ),
    "L306": Entry(
        summary="There is no such API at this address",
        detail="{host} answered with HTTP status {status}: the API was not found there.{words}",
        cause="The address, the stage or the gateway's name is wrong, or the server is too old to have "
        "the operation.",
        cure="Check LAUNCHER_DOOR, and BK_API_URL_TMPL with LAUNCHER_STAGE, or LAUNCHER_URL, which ends before `/api/v3`; "
        "through ESB, before `/api/c/compapi`.",
        hints=_NO_HINTS,
    ),
    "L307": Entry(
        summary="Too many requests",
        detail="{host} answered with HTTP status {status}: too many requests; this one was not passed "
        "on.{words}",
        cause="The platform limits how often an app may call. Launcher had waited and asked again, as long as that "
        "made sense.",
        cure="Run again later, with fewer requests at once (`--parallelism`), or ask for a higher limit.",
        hints=_NO_HINTS,
    ),
    "L308": Entry(
        summary="The server failed",
        detail="{host} answered with HTTP status {status}. That says nothing about what was done "
        "before it failed.{words}",
        cause="JOB, its gateway or a proxy before them is down, restarting or overloaded.",
        cure="Run the command again. Launcher first looks at what JOB has; nothing is sent twice.",
        hints=_NO_HINTS,
    ),
    "L309": Entry(
        summary="The answer cannot be understood",
        detail="The answer says nothing that can be relied on: {reason}.",
        cause="Something other than JOB answers at this address, or the server is of a kind that launcher does not know.",
        cure="Check the address. If JOB does stand there, report its version and this message.",
        hints=_NO_HINTS,
    ),
    "L310": Entry(
        summary="An HTTP status that JOB does not use",
        detail="{host} answered with HTTP status {status}, which JOB does not use.{words}",
        cause="JOB answers nearly everything with 200. Something between here and JOB answered instead.",
        cure="Check the address and what stands in between: proxy, gateway, firewall.",
        hints=_NO_HINTS,
    ),
    "L311": Entry(
        summary="Host ids and addresses together",
        detail="The variable `{variable}` names hosts both by `ids` and by `ips`. JOB would ignore the "
        "addresses without a word, so nothing was sent.",
        cause="Where host ids are given, JOB reads no addresses.",
        cure="Name all static hosts of the variable by `ids`, or all by `ips`.",
        hints=_NO_HINTS,
    ),
    "L312": Entry(
        summary="What the server can do is not proven",
        detail="`{call}` succeeded where it must fail, so nothing is known about this server.",
        cause="Something other than JOB answers at this address, and says yes to everything.",
        cure="Check the address. If JOB does stand there, report its version and this message.",
        hints=_NO_HINTS,
    ),
    "L313": Entry(
        summary="JOB refused without words",
        detail="JOB answered with code {job_code} and no message.",
        cause="JOB knows no text for this code.",
        cure="Look the code up in JOB's documents, or ask who runs the server, with the request id.",
        hints=_NO_HINTS,
    ),
    "L314": Entry(
        summary="Too many instances to search",
        detail="The window in which an instance of ours may have been created holds more than {count} "
        "instances. Launcher does not guess among them.",
        cause="The scope is very busy, or the window is very long.",
        cure="Find the instance in JOB's pages, and tell launcher with `launcher resolve`.",
        hints=_NO_HINTS,
    ),
}

ENTRIES: Mapping[str, Entry] = {**_CLIENT, **PLATFORM, **OPERATING, **LOOKING, **DOCTOR}
