"""Fetching missing history from where ledgers are kept: with the token that is given for that, as the ledger does."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.git import OLDEST, asking_for, version_of, with_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from launcher.git import Git

__all__ = ["Access", "signed_in"]

_HEADERS = re.compile(r"http\.(.*\.)?extraheader", re.IGNORECASE | re.DOTALL)
_CHECKS = re.compile(r"http\.(.*\.)?sslverify", re.IGNORECASE | re.DOTALL)
_REDIRECTS = re.compile(r"http\.(.*\.)?followredirects", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Access:
    """What is said outside of the repository about the remote that ledgers are kept on.

    Attributes:
        remote: LAUNCHER_GIT_REMOTE: its name or address; `None` for `origin`, or the only one.
        token: LAUNCHER_GIT_TOKEN; `None` for what git finds itself.
    """

    remote: str | None = None
    token: str | None = field(default=None, repr=False)


@contextmanager
def signed_in(git: Git, name: str, access: Access) -> Iterator[Git]:
    """`git`, which authenticates with the token of `access` if the remote `name` is fetched from where that is for.

    Like the ledger's, it follows no redirect then, checks certificates, and uses no other credentials.

    Raises:
        SurroundingsFailed: there is no place for temporary files.
    """
    if access.token is None or not _is_for(git, name, access.remote):
        yield git
        return
    kept = {key: value for key, value in git.environ.items() if key != "GIT_SSL_NO_VERIFY"}
    settings = tuple(_settings(git))
    with _asking_for(access.token) as asking:
        yield replace(git, environ=with_settings({**kept, **asking}, settings))


def _is_for(git: Git, name: str, wanted: str | None) -> bool:
    """Whether the remote `name` is fetched, over HTTPS, from the very address that ledgers are pushed to."""
    address = _addresses(git, name, "--all")
    if len(address) != 1 or not address[0].startswith("https://") or version_of(git)[0] < OLDEST:
        return False
    names = os.fsdecode(git.ask("remote").stdout).split()
    if wanted is None:
        chosen: str | None = name if name == "origin" or names == [name] else None
    else:
        chosen = wanted if wanted in names else None
    if chosen is not None:
        return _addresses(git, chosen, "--push", "--all") == address
    if wanted is None or wanted.startswith("-"):
        return False
    told = git.ask("ls-remote", "--get-url", "--", wanted)
    return told.returncode == 0 and [os.fsdecode(told.stdout).removesuffix("\n")] == address


def _addresses(git: Git, name: str, *options: str) -> list[str]:
    found = git.ask("remote", "get-url", *options, "--", name)
    return os.fsdecode(found.stdout).splitlines() if found.returncode == 0 else []


def _settings(git: Git) -> Iterator[tuple[str, str]]:
    """Settings that undo what would identify somebody else, or let the token go to another place.

    One for a part of an address counts for more than one for all, so each that there is gets its own.
    """
    listed = git.ask("config", "--list", "--name-only", "-z").stdout
    for key in {os.fsdecode(item) for item in listed.split(b"\0") if item}:
        if _HEADERS.fullmatch(key):
            yield key, ""
        elif _CHECKS.fullmatch(key):
            yield key, "true"
        elif _REDIRECTS.fullmatch(key):
            yield key, "false"
    yield "http.followRedirects", "false"
    yield "credential.helper", ""
    yield "credential.username", "x-access-token"


@contextmanager
def _asking_for(token: str) -> Iterator[Mapping[str, str]]:
    with ExitStack() as stack:
        try:
            folder = tempfile.TemporaryDirectory(prefix="launcher-git-", ignore_cleanup_errors=True)
            variables = asking_for(token, Path(stack.enter_context(folder)))
        except OSError as error:
            facts = {
                "what": "fetch",
                "problem": f"there is no place for temporary files ({error.strerror})",
            }
            raise SurroundingsFailed(Diagnostic("L521", facts)) from error
        yield variables
