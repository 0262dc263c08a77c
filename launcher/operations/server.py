"""The JOB server of an environment: a real one, or the sandbox inside this process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import RefusedToAct, SurroundingsFailed
from launcher.ledger.check import check_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.engine.recorded import Recorded
    from launcher.job.server import JobServer
    from launcher.operations.site import Site

__all__ = ["chance_of", "check_same_server", "connect_server"]

_CHANCE_BYTES, _CHANCES = 4, 1 << 32


def connect_server(site: Site, parallelism: int) -> JobServer:
    """The server; nothing is sent before the first question. Whoever asked for it closes it.

    Raises:
        SurroundingsFailed: address, credentials or the sandbox's files cannot be used.
    """
    # A run that asks nobody pays for no HTTP library.
    from launcher.job.server import connect  # noqa: PLC0415

    if site.environment.is_sandbox:
        return _sandbox(site)
    address, credentials = site.settings.server(site.environment.server)
    here = site.surroundings
    return connect(
        address,
        credentials,
        monotonic=here.monotonic,
        now=here.now,
        parallelism=parallelism,
        sleep=here.sleep,
        language=here.language or site.settings.language,
        chance=lambda: chance_of(here.entropy),
    )


def chance_of(entropy: Callable[[int], str]) -> float:
    """A number from 0 to 1 out of random bytes in hexadecimal."""
    return int(entropy(_CHANCE_BYTES), 16) / _CHANCES


def check_same_server(site: Site, recorded: Recorded, fingerprint: str) -> None:
    """Check that the ledger is bound to this server, or to none yet.

    Raises:
        RefusedToAct: it is bound to another one.
    """
    problems = check_server(recorded, fingerprint, site.environment.name)
    if problems:
        raise RefusedToAct(*problems)


def _sandbox(site: Site) -> JobServer:
    from launcher.job.server import connect_transport  # noqa: PLC0415 - see above
    from launcher.sandbox.transport import open_transport  # noqa: PLC0415 - see above

    here = site.surroundings
    world_file = here.environ.get("LAUNCHER_SANDBOX_WORLD")
    state = site.root / ".launcher" / "sandbox" / f"{site.environment.name}.sqlite"
    target = state.resolve()
    if not target.is_relative_to(site.root.resolve()):
        facts = {"path": str(state.relative_to(site.root)), "target": str(target)}
        raise SurroundingsFailed(Diagnostic("L541", facts))
    transport = open_transport(state, Path(world_file) if world_file else None, here.now)
    return connect_transport(
        transport,
        transport.world_id,
        monotonic=here.monotonic,
        now=here.now,
        sleep=here.sleep,
        language=here.language or site.settings.language,
        chance=lambda: chance_of(here.entropy),
    )
