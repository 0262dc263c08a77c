"""The report of a bug in launcher: complete enough to paste, and free of secrets."""

from __future__ import annotations

import platform
import re
import shlex
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from launcher import __version__
from launcher.errors import LauncherError
from launcher.job.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["bug_report"]

_NAMES = re.compile("SECRET|TOKEN|TICKET|PASSWORD|COOKIE|CREDENTIAL", re.IGNORECASE)
_IN_URL = re.compile(r"(?<=://)[^/\s@]+(?=@)|(?<=[?&])[^=&\s]+=[^&\s'\"]+")
_LARGEST_FILE = 64 * 1024
_MASK = "(secret)"


def bug_report(error: BaseException, arguments: Sequence[str], environ: Mapping[str, str]) -> str:
    """What the maintainers need to know of `error`, as text.

    Values of variables that carry secrets, files in `LAUNCHER_SECRETS_DIR`, secrets of the user
    configuration, and credentials and queries of URLs are taken out by value, wherever they stand.
    """
    told = "".join(traceback.format_exception(error))
    report = (
        f"launcher {__version__}\n"
        f"Python {platform.python_version()} ({platform.python_implementation()})\n"
        f"{platform.platform()}\n"
        f"command: launcher {shlex.join(arguments)}\n\n"
        f"{told}"
    )
    return (
        "launcher has met a bug in itself. What was recorded before stays recorded.\n"
        "Please report it with everything between the lines:\n"
        f"{'-' * 72}\n{_without_secrets(report, environ)}{'-' * 72}\n"
    )


def _without_secrets(text: str, environ: Mapping[str, str]) -> str:
    # A traceback quotes values as Python writes them.
    values = [form for value in _secrets(environ) for form in (value, repr(value)[1:-1])]
    return _IN_URL.sub(_MASK, Redactor(values)(text))


def _secrets(environ: Mapping[str, str]) -> Iterator[str]:
    for name, value in environ.items():
        if _NAMES.search(name) and name != "LAUNCHER_SECRETS_DIR":
            yield value
            yield value.strip()
        if name.upper().endswith("_PROXY"):
            yield from _of_proxy(value)
    folder = environ.get("LAUNCHER_SECRETS_DIR")
    if folder:
        yield from _files(Path(folder))
    yield from _configured(environ)


def _of_proxy(address: str) -> Iterator[str]:
    """Who asks a proxy, which need not be written as a URL."""
    who, at, _ = address.rpartition("://")[2].rpartition("@")
    if at:
        yield who
        yield who.partition(":")[2]


def _configured(environ: Mapping[str, str]) -> Iterator[str]:
    from launcher.settings import Settings
    from launcher.settings.servers import secrets_in

    try:
        settings = Settings.from_environment(environ)
        user = settings.user.content
        yield from secrets_in(settings.environ, user)
        for fields in user.servers.values():
            yield from _of_proxy(fields.get("proxy", ""))
    except LauncherError:
        # A file that cannot be used has given no secret to this process either.
        return


def _files(folder: Path) -> Iterator[str]:
    try:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.stat().st_size <= _LARGEST_FILE:
                content = path.read_text(encoding="utf-8", errors="replace")
                yield content
                yield content.strip()
    except OSError:
        # A folder that cannot be read has given no secret to this process either.
        return
