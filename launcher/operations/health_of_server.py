"""The health of the way to JOB: address, credentials, permissions, clock, and what the server can do.

Everything that is asked changes nothing and can start nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Done
from launcher.engine.guards import CLOCK_LIMIT_S, goes_by_time
from launcher.engine.observed import Capability, InstanceRef
from launcher.errors import LauncherError
from launcher.model.times import duration_text
from launcher.operations.binding import find_other_server
from launcher.operations.health import check_of, checks_of, not_tested, of_answer, well
from launcher.operations.health_of_plans import look_at_plans
from launcher.operations.health_of_reading import look_at_reading
from launcher.operations.server import connect_server
from launcher.render.doctor import Check, State
from launcher.settings.shown import server_rows

if TYPE_CHECKING:
    from launcher.engine.desired import Desired
    from launcher.engine.effects import Outcome
    from launcher.engine.observed import InstanceStatus, Missing
    from launcher.engine.recorded import Recorded
    from launcher.job.address import Address
    from launcher.job.server import JobServer
    from launcher.model.documents import Environment
    from launcher.operations.health_of_place import Place
    from launcher.operations.site import Site
    from launcher.settings.environment import Settings

__all__ = ["look_at_server"]

_PARALLELISM = 8
_PRECISION_S = 2
_NO_INSTANCE = 1
"""No instance has this id, so JOB says that it knows none once it has let us in."""

_UNKNOWN_SCOPE = 1243049
"""Source: bk-job, `ErrorCode.APP_NOT_EXIST`."""

_CREDENTIALS = frozenset({"L304", "L305", "L317"})
_LATER = (
    "access_business",
    "clock",
    "view_job_plan",
    "marker",
    "two-phases",
    "view_history",
    "read-back",
    "launch_job_plan",
)
_EXAMPLES = {
    "BK_API_URL_TMPL": "'https://bkapi.example.com/api/{gateway_name}'",
    "BK_APP_CODE": "APP",
    "BK_APP_SECRET": "SECRET",
}
"""What a variable that is missing would be set to."""


def look_at_server(place: Place, recorded: Recorded | None) -> list[Check]:
    """What stands between this place and a launch on JOB."""
    site = place.site
    if site is None:
        # Without a workspace nobody says that a server is needed: the sandbox needs none of it.
        return _settings_of(place, "remote", State.WARNING)[0]
    if site.environment.is_sandbox:
        checks, can_ask = [well("server", "the built-in sandbox")], True
    else:
        checks, can_ask = _settings_of(place, site.environment.server, State.PROBLEM)
    if not can_ask:
        return [*checks, *_untested(("connection", "credentials", *_LATER), "there is no address")]
    try:
        server = connect_server(site, _PARALLELISM)
    except LauncherError as error:
        left = _untested(("connection", "credentials", *_LATER), "the server cannot be asked")
        return [*checks, *checks_of("connection", error), *left]
    try:
        return [
            *checks,
            *_bound(site, recorded, server),
            *_asked(site, place.desired, recorded, server),
        ]
    finally:
        server.close()


def _settings_of(place: Place, name: str, state: State) -> tuple[list[Check], bool]:
    try:
        address, credentials = place.settings.server(name)
    except LauncherError as error:
        return [_missing(item, state) for item in error.diagnostics], False
    said = [f"{address.url} ({_origin(place.settings, name)})", *_ways(address)]
    user = f"app {credentials.app_code} with {credentials.identity}"
    return [well("server", ", ".join([*said, user]))], True


def _missing(problem: Diagnostic, state: State) -> Check:
    """A setting that is missing, with the lines to copy that set it."""
    found = check_of("server", problem, state)
    names = problem.facts.get("variables", "").split(", ")
    lines = [f"export {name}={_EXAMPLES[name]}" for name in names if name in _EXAMPLES]
    return replace(found, hint="\n".join(lines)) if lines else found


def _origin(settings: Settings, name: str) -> str:
    """What says where the server is."""
    rows = server_rows(settings, name, []).rows
    variables = (row.variable for row in rows if row.name in ("url", "urlTemplate"))
    found = next((variable for variable in variables if variable is not None), None)
    return f"from {found}" if found is not None else "from the user configuration"


def _ways(address: Address) -> list[str]:
    """How it is reached; a proxy may hold a password, and is shown without it."""
    ways = []
    if address.tenant is not None:
        ways.append(f"tenant {address.tenant}")
    if address.proxy is not None:
        parts = urlsplit(address.proxy)
        ways.append(f"through the proxy {parts.hostname}:{parts.port or 80}")
    if address.ca_bundle is not None:
        ways.append(f"certificates of {address.ca_bundle}")
    return ways


def _bound(site: Site, recorded: Recorded | None, server: JobServer) -> list[Check]:
    if recorded is None:
        return []
    problems = find_other_server(site, recorded, server.fingerprint)
    if not problems and recorded.server is None:
        return [well("binding", "the ledger is bound to no server yet")]
    return checks_of("binding", problems) or [well("binding", "the ledger is bound to this server")]


def _asked(
    site: Site, wanted: Desired | None, recorded: Recorded | None, server: JobServer
) -> list[Check]:
    scope = site.environment.scope
    answer = server.read_status(InstanceRef(scope, _NO_INSTANCE))
    checks = _connection(answer, site)
    if any(check.state is State.PROBLEM for check in checks):
        told = {check.name for check in checks}
        # A clock can be compared whatever the answer was; everything else needs an answer of JOB's.
        clock = [_clock(site, wanted, server.skew_s())] if server.skew_s() is not None else []
        told |= {check.name for check in clock}
        left = [name for name in _LATER if name not in told]
        return [*checks, *clock, *_untested(left, "JOB does not answer as it should")]
    return [
        *checks,
        _clock(site, wanted, server.skew_s()),
        *look_at_plans(site, wanted, server),
        _phases(site.environment, server),
        *look_at_reading(site, recorded, server),
        not_tested("launch_job_plan", "JOB tells only when an instance is created"),
    ]


def _connection(answer: Outcome[InstanceStatus | Missing], site: Site) -> list[Check]:
    """How far the first question came: to the server, past its gateway, into the scope."""
    scope = f"{site.environment.scope.type} {site.environment.scope.id}"
    if isinstance(answer, Done):
        return [
            well("connection", "JOB answers"),
            well("credentials", "accepted"),
            well("access_business", f"granted in {scope}"),
        ]
    found = of_answer("connection", answer, f"a look into {scope}", permission="access_business")
    if answer.code is None and found.code in _CREDENTIALS:
        return [
            well("connection", "the gateway answers"),
            Check("credentials", found.state, found.message, found.code, found.hint),
        ]
    if answer.code is None:
        return [found, *_untested(("credentials",), "JOB was not reached")]
    if answer.code == _UNKNOWN_SCOPE:
        facts = {"scope": scope, "message": answer.message, "environment": site.environment.name}
        found = check_of("access_business", Diagnostic("L361", facts))
    return [
        well("connection", "JOB answers"),
        well("credentials", "accepted"),
        Check("access_business", found.state, found.message, found.code, found.hint),
    ]


def _clock(site: Site, wanted: Desired | None, skew_s: float | None) -> Check:
    """Whether the server's clock is ours; it matters most where hours decide what may start."""
    guards = site.environment.guards
    decides = bool(guards.windows or guards.freezes) or any(
        goes_by_time(launch, site.environment)
        for launch in (wanted.launches.values() if wanted else ())
    )
    if skew_s is None:
        return not_tested("clock", "no answer has told the time")
    if abs(skew_s) <= CLOCK_LIMIT_S:
        # It is known to within a second only.
        near = (
            "agrees with ours"
            if abs(skew_s) <= _PRECISION_S
            else f"{duration_text(abs(skew_s))} {_way(skew_s)} ours"
        )
        return well("clock", near)
    facts = {
        "skew": duration_text(abs(skew_s)),
        "way": _way(skew_s),
        "limit": duration_text(CLOCK_LIMIT_S),
    }
    return check_of("clock", Diagnostic("L363", facts), State.PROBLEM if decides else State.WARNING)


def _way(skew_s: float) -> str:
    return "ahead of" if skew_s > 0 else "behind"


def _phases(environment: Environment, server: JobServer) -> Check:
    name = "two-phases"
    answer = server.probe(environment.scope)
    if not isinstance(answer, Done):
        return of_answer(
            name,
            answer,
            "a proof that it can create without starting",
            permission="launch_job_plan",
        )
    if answer.value is Capability.TWO_PHASE:
        return well(name, "an instance can be created without starting it")
    allowed = environment.guards.allow_single_phase
    return check_of(name, Diagnostic("L231"), State.WARNING if allowed else State.PROBLEM)


def _untested(names: tuple[str, ...] | list[str], why: str) -> list[Check]:
    return [not_tested(name, why) for name in names]
