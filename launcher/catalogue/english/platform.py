"""Texts about what stands between us and JOB: certificates, proxies, gateways, and JOB's own services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PLATFORM"]

_NO_HINTS: Mapping[str, str] = {}

PLATFORM: Mapping[str, Entry] = {
    "L315": Entry(
        summary="A web page instead of an answer",
        detail="{host} answered with a web page{title} (HTTP status {status}) where an answer for programs should be.",
        cause="A login page, a proxy's page or a firewall's stands between here and JOB, or the address is that of the "
        "platform's web pages.",
        cure="Check the address: BK_API_URL_TMPL, or LAUNCHER_URL, is that of the API. If it is right, ask who runs the "
        "network for a way through, or set HTTPS_PROXY and NO_PROXY.",
        hints=_NO_HINTS,
    ),
    "L316": Entry(
        summary="JOB did not answer its gateway in time",
        detail="{host} answered with HTTP status {status}: it waited for JOB and gave up. What was asked for may have "
        "happened, or may still happen.{words}",
        cause="JOB is overloaded, or one of its services hangs. The gateway gives up after 60 s.",
        cure="Run the command again. Launcher first looks at what JOB has; nothing is sent twice.",
        hints=_NO_HINTS,
    ),
    "L317": Entry(
        summary="JOB was told neither a user nor a tenant",
        detail="{host} answered with HTTP status {status} and without a word. JOB itself does so where a platform with "
        "tenants is asked without one, or where a request reaches it past its gateway.",
        cause="BK_TENANT_ID is missing where tenants are on, or the address leads to JOB itself instead of the API "
        "gateway, which alone vouches for apps and users.",
        cure="Set BK_TENANT_ID, if the platform has tenants. Otherwise set BK_API_URL_TMPL, or LAUNCHER_URL, to the API "
        "gateway's address.",
        hints=_NO_HINTS,
    ),
    "L318": Entry(
        summary="The platform turned the request away",
        detail="{host} answered with HTTP status {status}: the request did not get as far as JOB.{words}",
        cause="A rule of the gateway or of ESB: allowed addresses, users or tenants, the size of a request, or an "
        "operation that is switched off.",
        cure="The platform's words name the rule. Ask who runs the gateway `bk-job`, or ESB, with the request id.",
        hints=_NO_HINTS,
    ),
    "L319": Entry(
        summary="An answer in the words of another API",
        detail="{host} answered with HTTP status {status} in the form of JOB's v4 API, which launcher does not ask.{words}",
        cause="The address leads to the v4 API, or the server is newer than this launcher.",
        cure="Set LAUNCHER_URL to what comes before `/api/v3`, or BK_API_URL_TMPL to the gateway's template. If that is "
        "right, report the server's version and this message.",
        hints=_NO_HINTS,
    ),
    "L320": Entry(
        summary="The certificate is out of date",
        detail="Nothing was sent to {host}: its certificate is not valid at this time ({reason}).",
        cause="The server's certificate has expired or is not valid yet, or the clock of this machine is wrong.",
        cure="Look at this machine's clock (`date -u`). If it is right, the server, or the proxy that stands in for it, "
        "needs a new certificate.",
        hints=_NO_HINTS,
    ),
    "L321": Entry(
        summary="The certificate is not trusted",
        detail="Nothing was sent to {host}: nobody whom this machine trusts vouches for its certificate ({reason}).",
        cause="The certificate was made by a certificate authority of your own, signs itself, or comes without the "
        "certificates in between; or a proxy opens the traffic and shows one of its own.",
        cure="Set LAUNCHER_CA_BUNDLE to a file with the certificate of the authority (PEM). It replaces the public ones. "
        "There is no way to turn the check off.",
        hints=_NO_HINTS,
    ),
    "L322": Entry(
        summary="The certificate is another host's",
        detail="Nothing was sent to {host}: the certificate that was shown is not for this name ({reason}).",
        cause="The address names the server differently than its certificate, or something else answers there.",
        cure="Use the name that the certificate is for in BK_API_URL_TMPL or LAUNCHER_URL, or have a certificate made "
        "for the name in use.",
        hints=_NO_HINTS,
    ),
    "L323": Entry(
        summary="The proxy gave no tunnel",
        detail="Nothing was sent to {host}: the proxy refused a tunnel to it ({reason}).",
        cause="The proxy wants a user name and a password, does not allow this host, or cannot reach it.",
        cure="Put the credentials into HTTPS_PROXY (`http://user:password@proxy:3128`), have the host allowed, or name it "
        "in NO_PROXY where it can be reached without the proxy.",
        hints=_NO_HINTS,
    ),
    "L324": Entry(
        summary="JOB denies a job plan that it has",
        detail="JOB answered that the job plan does not exist (code 1244012), and shows it when it is read: {plan}. "
        "Nothing was created.",
        cause="JOB says so of other trouble inside too: the part that runs jobs could not reach the part that keeps job plans, "
        "because that restarts or answers too slowly.",
        cure="Apply again in a few minutes. If it stays, ask who runs JOB about job-manage, with the request id.",
        hints=_NO_HINTS,
    ),
    "L325": Entry(
        summary="Nobody can tell whether the job plan exists",
        detail="JOB answered that the job plan does not exist (code 1244012), which it also says of trouble inside, and "
        "the job plan could not be read to tell: {reason} Nothing was created.",
        cause="JOB, or its part that keeps job plans, is down or restarting; or the user may not see job plans.",
        cure="Apply again in a few minutes. If it stays, see what the reading failed with.",
        hints=_NO_HINTS,
    ),
    "L326": Entry(
        summary="Less can be compared through this door",
        detail="The door that {environment} is asked through does not show {what} of an instance, so they are not "
        "compared with the job plan before a START. Guards that need them refuse: requireVerification, maxHosts.",
        cause="ESB lacks the calls that show what a step would run, and where.",
        cure="Use the API gateway: remove LAUNCHER_DOOR, and set BK_API_URL_TMPL. A ledger is bound to its door; "
        "`launcher ledger rebind` moves it.",
        hints=_NO_HINTS,
        severity=Severity.WARNING,
    ),
}
