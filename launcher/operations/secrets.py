"""Read the secrets that launches refer to, all of them before anything is sent.

A manifest comes from a pull request, so it cannot choose what is read: `env: NAME` reads the variable
`LAUNCHER_SECRET_NAME` only, `file: NAME` a file below `LAUNCHER_SECRETS_DIR` only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.job.redaction import Redactor
from launcher.settings import SECRET_PREFIX
from launcher.settings.secretfile import MAX_SECRET, read_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from launcher.engine.spec import SecretReference
    from launcher.settings import Settings

__all__ = ["MAX_SECRET", "Redactor", "read_secrets"]


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
