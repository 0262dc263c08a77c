"""The variables of the environment, as settings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.model.times import seconds_of
from launcher.settings.address import address_in
from launcher.settings.credentials import credentials_in
from launcher.settings.problems import bad

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.job.address import Address, Credentials

__all__ = ["SECRET_PREFIX", "Settings"]

SECRET_PREFIX = "LAUNCHER_SECRET_"  # noqa: S105 - the name of variables
"""`env: NAME` in a manifest reads the variable of this prefix and NAME, and no other."""

_SHORTEST_S, _LONGEST_S = 0.05, 86_400.0

_DURATIONS = {
    "start_window_s": ("LAUNCHER_START_WINDOW", 5.0),
    "start_grace_s": ("LAUNCHER_START_GRACE", 120.0),
    "start_limit_s": ("LAUNCHER_START_LIMIT", 600.0),
    "lock_stale_s": ("LAUNCHER_LOCK_STALE", 120.0),
    "poll_s": ("LAUNCHER_POLL", 2.0),
}
_DIGEST = re.compile(r"(offline:)?v1:sha256:[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment's settings; durations in seconds.

    Attributes:
        start_window_s: how long after the append of `starting` a START may still be sent.
        start_grace_s: how long an instance must stay at status 1 before a second START.
        start_limit_s: how long it may stay there before the outcome is unknown.
        lock_stale_s: how long a session may be silent before another may take over.
        poll_s: the shortest pause between two looks at running instances.
        ledger_dir: where `file` ledgers are kept instead of `.launcher/ledger`.
        secrets_dir: where secrets with `file` are read, and nowhere else.
        reviewed_digest: the changeset digest that was reviewed.
        git_remote: name or address of the remote that `git` ledgers are kept on; `None` for the repository's own.
        git_token: what git authenticates with there over HTTPS; `None` for what git finds itself.
    """

    start_window_s: float = 5.0
    start_grace_s: float = 120.0
    start_limit_s: float = 600.0
    lock_stale_s: float = 120.0
    poll_s: float = 2.0
    ledger_dir: Path | None = None
    secrets_dir: Path | None = None
    reviewed_digest: str | None = None
    git_remote: str | None = None
    git_token: str | None = field(default=None, repr=False)
    _environ: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """What `environ` says.

        Raises:
            SurroundingsFailed: values that cannot be used, all of them at once.
        """
        given = {name: value for name, value in environ.items() if value}
        problems: list[Diagnostic] = []
        durations = {
            attribute: _duration(given, variable, default, problems)
            for attribute, (variable, default) in _DURATIONS.items()
        }
        if not problems:
            problems += _contradictions(durations)
        found = cls(
            **durations,
            ledger_dir=_folder(given, "LAUNCHER_LEDGER_DIR", problems),
            secrets_dir=_folder(given, "LAUNCHER_SECRETS_DIR", problems),
            reviewed_digest=_digest(given, problems),
            git_remote=given.get("LAUNCHER_GIT_REMOTE"),
            git_token=_token(given, problems),
            _environ=MappingProxyType(given),
        )
        if problems:
            raise SurroundingsFailed(*problems)
        return found

    def secret(self, name: str) -> str | None:
        """The value of the variable that `env: name` means; `None` if it is absent or empty."""
        return self._environ.get(SECRET_PREFIX + name)

    def server(self, name: str) -> tuple[Address, Credentials]:
        """Where the server that a workspace calls `name` is, and who asks there.

        Every name but `sandbox` means the one server that the environment describes.

        Raises:
            SurroundingsFailed: what is missing or cannot be used, all of it at once.
        """
        problems: list[Diagnostic] = []
        address = address_in(self._environ, name, problems)
        credentials = credentials_in(self._environ, name, problems)
        if address is None or credentials is None or problems:
            raise SurroundingsFailed(*problems)
        return address, credentials


# --- what every run needs ---------------------------------------------------------------------


def _duration(
    given: Mapping[str, str], variable: str, default_s: float, problems: list[Diagnostic]
) -> float:
    text = given.get(variable)
    if text is None:
        return default_s
    seconds = seconds_of(text.strip())
    if seconds is None:
        problems.append(bad(variable, f"`{text}` is not a duration like `90`, `30s` or `10m`"))
        return default_s
    if not _SHORTEST_S <= seconds <= _LONGEST_S:
        problems.append(bad(variable, f"`{text}` is not between 50ms and 24h"))
        return default_s
    return seconds


def _contradictions(durations: Mapping[str, float]) -> list[Diagnostic]:
    """A second START must never be near while a first one may still be sent."""
    pairs = (("start_window_s", "start_grace_s"), ("start_grace_s", "start_limit_s"))
    return [
        Diagnostic("L505", {"short": _DURATIONS[short][0], "long": _DURATIONS[long][0]})
        for short, long in pairs
        if durations[short] >= durations[long]
    ]


def _folder(given: Mapping[str, str], variable: str, problems: list[Diagnostic]) -> Path | None:
    text = given.get(variable)
    if text is None:
        return None
    path = Path(text)
    if not path.is_absolute() or "\0" in text:
        problems.append(bad(variable, "it is not an absolute path"))
    return path


def _digest(given: Mapping[str, str], problems: list[Diagnostic]) -> str | None:
    text = given.get("LAUNCHER_REVIEWED_DIGEST")
    if text is not None and not _DIGEST.fullmatch(text):
        problems.append(bad("LAUNCHER_REVIEWED_DIGEST", "it is not `v1:sha256:` and 64 digits"))
    return text


def _token(given: Mapping[str, str], problems: list[Diagnostic]) -> str | None:
    token = given.get("LAUNCHER_GIT_TOKEN")
    if token is not None and not (token.isascii() and token.isprintable()):
        problems.append(bad("LAUNCHER_GIT_TOKEN", "it holds characters that no token has"))
    return token
