"""What every run goes by, from the environment and, where it says nothing, from the user configuration."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.model.times import duration_text, seconds_of
from launcher.settings.address import address_of
from launcher.settings.credentials import credentials_of
from launcher.settings.outside import inside
from launcher.settings.servers import described
from launcher.settings.userfile import UserFile, default_path
from launcher.settings.values import Given, bad

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.job.address import Address, Credentials

__all__ = ["LANGUAGES", "SECRET_PREFIX", "Settings"]

SECRET_PREFIX = "LAUNCHER_SECRET_"  # noqa: S105 - the name of variables
"""`env: NAME` in a manifest reads the variable of this prefix and NAME, and no other."""

LANGUAGES = ("en", "zh-cn")
"""What JOB's own messages come in. Source: bk-job, `JobLangHeaderLocaleResolver`."""

_POLL = "LAUNCHER_POLL"
_POLL_S = 2.0
_SHORTEST_S, _LONGEST_S = 0.05, 86_400.0

_DURATIONS = {
    "start_window_s": ("LAUNCHER_START_WINDOW", 5.0),
    "start_grace_s": ("LAUNCHER_START_GRACE", 120.0),
    "start_limit_s": ("LAUNCHER_START_LIMIT", 600.0),
    "lock_stale_s": ("LAUNCHER_LOCK_STALE", 120.0),
}
_DIGEST = re.compile(r"(offline:)?v1:sha256:[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings; durations in seconds. The user configuration is read when something first needs it.

    Attributes:
        start_window_s: how long after the append of `starting` a START may still be sent.
        start_grace_s: how long an instance must stay at status 1 before a second START.
        start_limit_s: how long it may stay there before the outcome is unknown.
        lock_stale_s: how long a session may be silent before another may take over.
        ledger_dir: where `file` ledgers are kept instead of `.launcher/ledger`.
        secrets_dir: where secrets with `file` are read, and nowhere else.
        reviewed_digest: the changeset digest that was reviewed.
        git_remote: name or address of the remote that `git` ledgers are kept on; `None` for the repository's own.
        git_token: what git authenticates with there over HTTPS; `None` for what git finds itself.
        environ: the variables that are not empty; some are secret.
        user: the user configuration, whether it is there or not.
    """

    start_window_s: float = 5.0
    start_grace_s: float = 120.0
    start_limit_s: float = 600.0
    lock_stale_s: float = 120.0
    ledger_dir: Path | None = None
    secrets_dir: Path | None = None
    reviewed_digest: str | None = None
    git_remote: str | None = None
    git_token: str | None = field(default=None, repr=False)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    user: UserFile = field(default_factory=lambda: UserFile(None), repr=False, compare=False)
    _poll_s: float | None = None
    _language: str | None = None

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str], outside: tuple[Path, ...] = ()
    ) -> Settings:
        """What `environ` says.

        `outside`: folders of the repository, which neither a user configuration nor secrets must lie in.

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
            problems += _contradictions(given, durations)
        found = cls(
            **durations,
            ledger_dir=_path(given, "LAUNCHER_LEDGER_DIR", problems),
            secrets_dir=_secrets_dir(given, outside, problems),
            reviewed_digest=_digest(given, problems),
            git_remote=given.get("LAUNCHER_GIT_REMOTE"),
            git_token=_token(given, problems),
            environ=MappingProxyType(given),
            user=_user_file(given, outside, problems),
            _poll_s=_duration(given, _POLL, None, problems),
            _language=_lang(given, problems),
        )
        if problems:
            raise SurroundingsFailed(*problems)
        return found

    def secret(self, name: str) -> str | None:
        """The value of the variable that `env: name` means; `None` if it is absent or empty."""
        return self.environ.get(SECRET_PREFIX + name)

    @property
    def poll_s(self) -> float:
        """The shortest pause between two looks at running instances.

        Raises:
            SurroundingsFailed: the user configuration cannot be used.
        """
        if self._poll_s is not None:
            return self._poll_s
        text = self.user.content.poll
        seconds = None if text is None else seconds_of(text)
        return _POLL_S if seconds is None else seconds

    @property
    def language(self) -> str:
        """What JOB's own messages come in; one of `LANGUAGES`.

        Raises:
            SurroundingsFailed: the user configuration cannot be used.
        """
        return self._language or self.user.content.lang or LANGUAGES[0]

    def server(self, name: str) -> tuple[Address, Credentials]:
        """Where the server that a workspace calls `name` is, and who asks there.

        `name` is not `sandbox`. See `launcher.settings.servers` for what describes it.

        Raises:
            SurroundingsFailed: what is missing or cannot be used, all of it at once.
        """
        problems: list[Diagnostic] = []
        user = self.user.content
        found = described(self.environ, user, name, problems)
        if found is not None:
            address = address_of(found, self.environ, problems)
            credentials = credentials_of(found, problems)
            if address is not None and credentials is not None and not problems:
                return address, credentials
        raise SurroundingsFailed(*user.located(problems))


_Default = TypeVar("_Default", float, None)


def _duration(
    given: Mapping[str, str], variable: str, default_s: _Default, problems: list[Diagnostic]
) -> float | _Default:
    text = given.get(variable)
    if text is None:
        return default_s
    seconds = seconds_of(text.strip())
    if seconds is None:
        problems.append(_bad(variable, f"`{text}` is not a duration like `90`, `30s` or `10m`"))
        return default_s
    if not _SHORTEST_S <= seconds <= _LONGEST_S:
        problems.append(_bad(variable, f"`{text}` is not between 50ms and 24h"))
        return default_s
    return seconds


def _contradictions(given: Mapping[str, str], durations: Mapping[str, float]) -> list[Diagnostic]:
    """A second START must never be near while a first one may still be sent."""
    pairs = (("start_window_s", "start_grace_s"), ("start_grace_s", "start_limit_s"))

    def of(attribute: str) -> tuple[str, str]:
        variable, default_s = _DURATIONS[attribute]
        text = given.get(variable)
        shown = f"{duration_text(default_s)}, the default" if text is None else text.strip()
        return variable, shown

    return [
        Diagnostic(
            "L505",
            {
                "short": of(short)[0],
                "short_value": of(short)[1],
                "long": of(long)[0],
                "long_value": of(long)[1],
            },
        )
        for short, long in pairs
        if durations[short] >= durations[long]
    ]


def _path(given: Mapping[str, str], variable: str, problems: list[Diagnostic]) -> Path | None:
    text = given.get(variable)
    if text is None:
        return None
    path = Path(text)
    if not path.is_absolute() or "\0" in text:
        problems.append(_bad(variable, "it is not an absolute path"))
    return path


def _secrets_dir(
    given: Mapping[str, str], outside: tuple[Path, ...], problems: list[Diagnostic]
) -> Path | None:
    path = _path(given, "LAUNCHER_SECRETS_DIR", problems)
    # Of what lies in it: the folder may be that of the repository itself.
    if path is not None and path.is_absolute() and inside(path / "secret", outside) is not None:
        reason = "its way leads through the repository, where a pull request could change it"
        problems.append(_bad("LAUNCHER_SECRETS_DIR", reason))
    return path


def _digest(given: Mapping[str, str], problems: list[Diagnostic]) -> str | None:
    text = given.get("LAUNCHER_REVIEWED_DIGEST")
    if text is not None and not _DIGEST.fullmatch(text):
        problems.append(_bad("LAUNCHER_REVIEWED_DIGEST", "it is not `v1:sha256:` and 64 digits"))
    return text


def _token(given: Mapping[str, str], problems: list[Diagnostic]) -> str | None:
    token = given.get("LAUNCHER_GIT_TOKEN")
    if token is not None and not (token.isascii() and token.isprintable()):
        problems.append(_bad("LAUNCHER_GIT_TOKEN", "it holds characters that no token has"))
    return token


def _lang(given: Mapping[str, str], problems: list[Diagnostic]) -> str | None:
    text = given.get("LAUNCHER_LANG")
    if text is not None and text not in LANGUAGES:
        problems.append(_bad("LAUNCHER_LANG", f"it is not {' or '.join(LANGUAGES)}"))
    return text


def _user_file(
    given: Mapping[str, str], outside: tuple[Path, ...], problems: list[Diagnostic]
) -> UserFile:
    named = _path(given, "LAUNCHER_CONFIG", problems)
    path = default_path(given, sys.platform) if named is None else named
    return UserFile(path, is_named=named is not None, outside=outside)


def _bad(variable: str, reason: str) -> Diagnostic:
    return bad(Given(variable, ""), reason)
