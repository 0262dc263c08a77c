"""The JOB server of an environment: a real one, or the sandbox inside this process."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.model.times import duration_text
from launcher.operations.secrets import given_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.job.bounds import Person
    from launcher.job.server import JobServer
    from launcher.operations.site import Site
    from launcher.operations.surroundings import Surroundings
    from launcher.sandbox.transport import SandboxTransport

__all__ = ["chance_of", "connect_server", "open_sandbox", "sandbox_state"]

_WORTH_A_WORD_S = 3.0
"""A shorter pause is over before it is read of."""

_SILENCE_LASTS_S = 60.0
"""How long after a word about a silent server there is no other."""

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
        person=_person(here, address.origin),
        secrets=lambda: given_secrets(site.settings),
    )


def chance_of(entropy: Callable[[int], str]) -> float:
    """A number from 0 to 1 out of random bytes in hexadecimal."""
    return int(entropy(_CHANCE_BYTES), 16) / _CHANCES


def sandbox_state(site: Site) -> Path:
    """The file that holds the environment's sandbox, whether it is there or not."""
    return site.root / ".launcher" / "sandbox" / f"{site.environment.name}.sqlite"


def open_sandbox(site: Site) -> SandboxTransport:
    """The environment's sandbox, made if it is not there yet. Whoever asked for it closes it.

    Raises:
        SurroundingsFailed: its files cannot be used.
    """
    from launcher.sandbox.transport import open_transport  # noqa: PLC0415 - see above

    here = site.surroundings
    world_file = here.environ.get("LAUNCHER_SANDBOX_WORLD")
    state = sandbox_state(site)
    target = state.resolve()
    if not target.is_relative_to(site.root.resolve()):
        facts = {"path": str(state.relative_to(site.root)), "target": str(target)}
        raise SurroundingsFailed(Diagnostic("L541", facts))
    return open_transport(state, Path(world_file) if world_file else None, here.now)


def _sandbox(site: Site) -> JobServer:
    from launcher.job.server import connect_transport  # noqa: PLC0415 - see above

    here = site.surroundings
    transport = open_sandbox(site)
    return connect_transport(
        transport,
        transport.world_id,
        monotonic=here.monotonic,
        now=here.now,
        sleep=here.sleep,
        language=here.language or site.settings.language,
        chance=lambda: chance_of(here.entropy),
        person=_person(here, "the sandbox"),
        secrets=lambda: given_secrets(site.settings),
    )


def _person(here: Surroundings, host: str) -> Person:
    from launcher.job.bounds import Person as Waiting  # noqa: PLC0415 - see above

    remarks = _Remarks(here, host)
    return Waiting(
        lambda: here.stop() is not None, here.ended, remarks.of_pause, remarks.of_silence
    )


class _Remarks:
    """Tells why a server makes people wait, once for all calls that wait at the same time."""

    def __init__(self, here: Surroundings, host: str) -> None:
        self._here = here
        self._host = host
        self._until_s: dict[str, float] = {}
        self._lock = threading.Lock()

    def of_pause(self, seconds: float) -> None:
        """A pause of so many seconds begins, because the server asks for it."""
        if seconds >= _WORTH_A_WORD_S:
            self._tell("L620", seconds, lasts_s=seconds)

    def of_silence(self, seconds: float) -> None:
        """The server has been silent for so long, and is waited for."""
        self._tell("L622", seconds, lasts_s=_SILENCE_LASTS_S)

    def _tell(self, code: str, seconds: float, *, lasts_s: float) -> None:
        now_s = self._here.monotonic()
        with self._lock:
            if now_s < self._until_s.get(code, now_s):
                return
            self._until_s[code] = now_s + lasts_s
        self._here.remark(
            Diagnostic(code, {"host": self._host, "duration": duration_text(seconds)})
        )
