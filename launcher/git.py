"""The git program, run with care.

git is a program of its own with a configuration of its own, so it is never run through a shell, with hooks
and file-system monitors off, without a prompt, within a time limit, and without the variables that would
point it at another repository or let it run something else. It runs in a session of its own: a signal from the
terminal is for us, and what has to be ended is ended with everything that it started.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.model.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = [
    "OLDEST",
    "Answer",
    "Git",
    "GitHung",
    "Slow",
    "asking_for",
    "problem_of",
    "scrubbed",
    "version_of",
    "with_settings",
]

Answer = subprocess.CompletedProcess[bytes]

Slow = Callable[[str, float], None]
"""Hears that a command of git, by its name, has not ended for so many seconds, and is still waited for."""

OLDEST = (2, 32)
"""An older git passes in silence over settings that come in variables.

Source: git's release notes; GIT_CONFIG_COUNT is of 2.31, GIT_CONFIG_GLOBAL of 2.32.
"""

_VERSION = re.compile(r"git version ([0-9]+)\.([0-9]+)")

_ASKPASS = """\
#!/bin/sh
case "$1" in
Username*) echo x-access-token ;;
*) printf '%s\\n' "$LEDGER_TOKEN" ;;
esac
"""

_ASK_S = 60
_SILENT_S = 10.0
"""After how long a silence is worth a word."""
_GRACE_S = 5
"""How long git may take to tidy up once it was told to end."""

_ALWAYS = (
    "git",
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "protocol.ext.allow=never",
)

_KEPT = re.compile(r"GIT_(ASKPASS|SSH(_.*)?|SSL_.*|HTTP_.*|CONFIG_.*|PROXY_.*|TERMINAL_PROMPT)")
"""Variables of git's own that say how to reach and trust a repository; the others say which one, or what to run."""


def _unheard(*_: object) -> None:
    """Nobody is told."""


class GitHung(SurroundingsFailed):
    """git did not end in time, and was ended: what it was asked to change may have been changed."""


@dataclass(frozen=True, slots=True)
class Git:
    """Runs git in one folder.

    Attributes:
        folder: where it runs.
        environ: what it is run with; see `scrubbed`.
        git_dir: a bare repository to work in; `None` for the one that git finds in `folder`.
        slow: see `Slow`.
    """

    folder: Path
    environ: Mapping[str, str]
    git_dir: Path | None = None
    slow: Slow = field(default=_unheard, compare=False)

    def ask(self, *arguments: str, stdin: bytes = b"", limit_s: float = _ASK_S) -> Answer:
        """What git answers, whatever it ends with.

        Raises:
            GitHung: it did not end within `limit_s`.
            SurroundingsFailed: it is not installed, or cannot be run.
        """
        where = () if self.git_dir is None else (f"--git-dir={self.git_dir}",)
        command = (*_ALWAYS, "-C", str(self.folder), *where, *arguments)
        try:
            return _run(command, self.environ, stdin, limit_s, partial(self.slow, arguments[0]))
        except FileNotFoundError as error:
            raise SurroundingsFailed(Diagnostic("L520", {"path": str(self.folder)})) from error
        except subprocess.TimeoutExpired as error:
            facts = {
                "what": arguments[0],
                "problem": f"it did not answer within {duration_text(limit_s)}",
            }
            raise GitHung(Diagnostic("L521", facts)) from error
        except OSError as error:
            facts = {"what": arguments[0], "problem": str(error)}
            raise SurroundingsFailed(Diagnostic("L521", facts)) from error


def scrubbed(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` without what would lead git elsewhere, and such that it asks nobody anything."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith("GIT_") or _KEPT.fullmatch(name)
    }
    # A question at the terminal would hang a run that nobody watches.
    return {**kept, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def version_of(git: Git) -> tuple[tuple[int, int], str]:
    """The version, zero where git does not tell it, and git's own words."""
    words = git.ask("version").stdout.decode("utf-8", "replace").strip()
    found = _VERSION.match(words)
    return (0, 0) if found is None else (int(found[1]), int(found[2])), words


def with_settings(
    environ: Mapping[str, str], settings: Iterable[tuple[str, str]]
) -> dict[str, str]:
    """`environ` with `settings` for git, which come after all others: no secret stands in a command line."""
    given = environ.get("GIT_CONFIG_COUNT", "")
    first = int(given) if given.isdecimal() else 0
    entries = tuple(settings)
    found = {**environ, "GIT_CONFIG_COUNT": str(first + len(entries))}
    for number, (key, value) in enumerate(entries, first):
        found[f"GIT_CONFIG_KEY_{number}"] = key
        found[f"GIT_CONFIG_VALUE_{number}"] = value
    return found


def asking_for(token: str, folder: Path) -> dict[str, str]:
    """Variables with which git authenticates by `token` where it is asked to, through a program in `folder`.

    The token stands in the variables only.

    Raises:
        OSError: nothing can be written there.
    """
    program = folder / "askpass"
    program.write_text(_ASKPASS)
    program.chmod(0o700)
    return {"GIT_ASKPASS": str(program), "LEDGER_TOKEN": token}


def problem_of(answer: Answer) -> str:
    """What git complained of last, in its own words."""
    lines = answer.stderr.decode("utf-8", "replace").strip().splitlines()
    # After what it failed of, git may go on about what to try, or where it left a report.
    failed = [line for line in lines if line.startswith("fatal: ")]
    return (failed or lines or [f"exit {answer.returncode}"])[-1]


def _run(
    command: tuple[str, ...],
    environ: Mapping[str, str],
    stdin: bytes,
    limit_s: float,
    slow: Callable[[float], None],
) -> Answer:
    process = subprocess.Popen(  # noqa: S603 - a fixed program, no shell, arguments that cannot be options
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environ),
        start_new_session=True,
    )
    with process:
        try:
            try:
                stdout, stderr = process.communicate(stdin, timeout=min(limit_s, _SILENT_S))
            except subprocess.TimeoutExpired:
                if limit_s <= _SILENT_S:
                    raise
                slow(_SILENT_S)
                stdout, stderr = process.communicate(timeout=limit_s - _SILENT_S)
        except BaseException:
            _end(process)
            raise
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End git and what it started: first so that it can remove its temporary files, then for certain."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_S)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
