"""Read the secrets that launches refer to, all of them before anything is sent.

A manifest comes from a pull request, so it cannot choose what is read: `env: NAME` reads the variable
`LAUNCHER_SECRET_NAME` only, `file: NAME` a file below `LAUNCHER_SECRETS_DIR` only.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.job.redaction import Redactor
from launcher.settings import SECRET_PREFIX
from launcher.settings.secretfile import MAX_SECRET, read_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from launcher.engine.spec import SecretReference
    from launcher.settings import Settings

__all__ = ["MAX_SECRET", "Redactor", "given_secrets", "read_secrets"]

_MOST_FILES = 1000
"""Files of a folder of secrets that are looked at; a folder that holds more is none."""


def read_secrets(
    references: Iterable[SecretReference], settings: Settings
) -> Mapping[SecretReference, str]:
    """The value of every reference.

    A file's last newline is not part of its secret.

    Raises:
        SurroundingsFailed: values that are missing or cannot be used, all of them at once.
    """
    found: dict[SecretReference, str] = {}
    problems: list[Diagnostic] = []
    for reference in sorted(
        set(references), key=lambda item: (item.source, item.name, item.version)
    ):
        value = _read(reference, settings)
        if isinstance(value, Diagnostic):
            problems.append(value)
        else:
            found[reference] = value
    if problems:
        raise SurroundingsFailed(*problems)
    return found


def given_secrets(settings: Settings) -> tuple[str, ...]:
    """Every secret that this process was given for launches or for git, whether anything refers to it or not."""
    values = [value for name, value in settings.environ.items() if name.startswith(SECRET_PREFIX)]
    values += [settings.git_token] if settings.git_token else []
    folder = settings.secrets_dir
    return (*values, *(_in_folder(folder) if folder is not None else ()))


def _in_folder(folder: Path) -> Iterator[str]:
    """The secrets in files below `folder`; what cannot be read has given this process no secret."""
    try:
        root = folder.resolve(strict=True)
        for path in sorted(islice(folder.rglob("*"), _MOST_FILES)):
            target = path.resolve()
            if target.is_relative_to(root) and (text := read_secret(target)[0]):
                yield text
    except (OSError, RuntimeError):
        return


def _read(reference: SecretReference, settings: Settings) -> str | Diagnostic:
    if reference.source == "env":
        value = _from_environment(reference.name, settings)
    else:
        value = _from_file(reference.name, settings)
    if isinstance(value, Diagnostic):
        return value
    # An empty value would wipe the job plan's own; JOB itself shows asterisks in place of a value.
    if not value.strip("*"):
        return Diagnostic("L514", {"secret": f"{reference.source}: {reference.name}"})
    return value


def _from_environment(name: str, settings: Settings) -> str | Diagnostic:
    value = settings.secret(name)
    if value is None:
        return Diagnostic("L510", {"name": name, "variable": SECRET_PREFIX + name})
    try:
        value.encode()
    except UnicodeEncodeError:
        return _unusable(f"env: {name}", "it is not UTF-8 text")
    return value


def _from_file(name: str, settings: Settings) -> str | Diagnostic:
    if settings.secrets_dir is None:
        return Diagnostic("L512", {"name": name})
    try:
        root = settings.secrets_dir.resolve(strict=True)
        path = (root / name).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return Diagnostic("L511", {"name": name})
    # Resolved first: neither `..` nor a symbolic link leads out of the folder.
    if not path.is_relative_to(root):
        return Diagnostic("L513", {"name": name})
    text, reason = read_secret(path)
    return _unusable(f"file: {name}", reason) if text is None else text


def _unusable(secret: str, reason: str) -> Diagnostic:
    return Diagnostic("L515", {"secret": secret, "reason": reason})
