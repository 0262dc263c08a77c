"""Where a ledger's branch is, and how git gets there.

git is asked once, in the user's repository, for everything that its configuration says about reaching the remote:
address, proxies, credentials. That is handed to git again where it works for the ledger, through
variables, so that no secret stands in a command line, in an address that is shown, or on disk; everything else
that a configuration could say is left behind.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import SurroundingsFailed
from launcher.git import OLDEST, Git, problem_of, scrubbed, version_of, with_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NAME", "Remote", "find_remote", "without_secrets"]

NAME = "ledger"
"""What the remote is called where git works for the ledger."""

_PROTOCOLS = ("https", "ssh", "file")
_CARRIED = re.compile(
    r"(credential|http|ssh)\..+|core\.(sshcommand|askpass|gitproxy)", re.IGNORECASE | re.DOTALL
)
"""Settings that say how to reach and authenticate; addresses are resolved before, so `url.*` is not among them."""

_NEVER_CARRIED = re.compile(
    r"http\..*\.?(sslverify|followredirects)|http\.(sslverify|followredirects)",
    re.IGNORECASE | re.DOTALL,
)
_IDENTIFIES = re.compile(r"credential\..+|http\.(.*\.)?extraheader", re.IGNORECASE | re.DOTALL)
"""Settings that stand for somebody: they make way for a token."""

_SECRET_VARIABLES = re.compile(
    r"LAUNCHER_.*|BK_(APP_SECRET|JOB_ACCESS_TOKEN|TICKET|TOKEN)|GIT_(CONFIG_.*|SSL_NO_VERIFY)"
)
"""Variables that git has no business with."""

_SETTINGS = (
    ("http.followRedirects", "false"),
    ("http.sslVerify", "true"),
    ("core.compression", "1"),
    ("pack.window", "0"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("push.recurseSubmodules", "no"),
    ("push.gpgSign", "false"),
)
_USER_INFO = re.compile(r"(?<=://)[^/@\s]*@")


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository that git reaches.

    Attributes:
        folder: where git runs.
        address: as git takes it; may hold a password, so `shown` is what people see.
        object_format: the hash of its objects, `sha1` or `sha256`.
        environ: variables that git is run with; they may hold secrets.
        settings: configuration that git is run with; it may hold secrets.
        safe: folders that the user has told git to trust, whoever owns them.
        token: what git is to authenticate with over HTTPS; `None` for what it finds itself.
    """

    folder: Path
    address: str = field(repr=False)
    object_format: str
    environ: Mapping[str, str] = field(repr=False)
    settings: tuple[tuple[str, str], ...] = field(repr=False)
    safe: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """The address without who asks."""
        return without_secrets(self.address, self.token)

    @property
    def configuration(self) -> dict[str, str]:
        """Variables that give git its settings."""
        entries = (*self.settings, (f"remote.{NAME}.url", self.address), *_SETTINGS)
        return with_settings({}, entries)


def find_remote(
    folder: Path,
    environ: Mapping[str, str],
    *,
    is_repository: bool,
    wanted: str | None = None,
    token: str | None = None,
) -> Remote:
    """The remote that the ledgers of the repository in `folder` are kept on.

    Args:
        folder: where the repository is; where relative addresses count from, if there is none.
        environ: the environment variables of this run.
        is_repository: there is a git repository in `folder`.
        wanted: LAUNCHER_GIT_REMOTE: the name of one of its remotes, or an address.
        token: LAUNCHER_GIT_TOKEN.

    Raises:
        SurroundingsFailed: there is none, several might be meant, its address cannot be used, or git is too old.
    """
    # Where there is no repository, git is not to find one: a folder may be made to look like one.
    git = Git(folder, scrubbed(environ), None if is_repository else Path(os.devnull))
    _check_version(git)
    entries = _entries(git)
    names = [key[7:-4] for key, _ in entries if key.startswith("remote.") and key.endswith(".url")]
    name = _chosen(list(dict.fromkeys(names)), wanted)
    found_at = _address(git, name) if name is not None else _rewritten(git, str(wanted), folder)
    address = _checked(found_at, folder)
    carried = [(key, value) for key, value in entries if _is_carried(key, token)]
    if token is not None:
        carried.append(("credential.helper", ""))
    found = dict(entries)
    return Remote(
        folder=folder,
        address=address,
        object_format=found.get("extensions.objectformat", "sha1").lower(),
        environ=_environ(environ, asks_by_ssh="core.sshcommand" not in found),
        settings=tuple(carried),
        safe=tuple(value for key, value in entries if key == "safe.directory"),
        token=token,
    )


def without_secrets(text: str, token: str | None) -> str:
    """`text` without the token, and without user and password in addresses."""
    if token:
        text = text.replace(token, "***")
    return _USER_INFO.sub("", text)


def _check_version(git: Git) -> None:
    """Check that git knows the variables that its settings come in: an older one would pass over them in silence."""
    version, words = version_of(git)
    if version < OLDEST:
        facts = {"found": words, "oldest": ".".join(map(str, OLDEST))}
        raise SurroundingsFailed(Diagnostic("L457", facts))


def _entries(git: Git) -> tuple[tuple[str, str], ...]:
    found = git.ask("config", "--list", "-z")
    if found.returncode != 0:
        facts = {"what": "config", "problem": problem_of(found)}
        raise SurroundingsFailed(Diagnostic("L521", facts))
    items = (os.fsdecode(item).partition("\n") for item in found.stdout.split(b"\0") if item)
    # A key without a value means true.
    return tuple((key, value if separator else "true") for key, separator, value in items)


def _chosen(names: list[str], wanted: str | None) -> str | None:
    """Which of the remotes `names` is meant; `None` where `wanted` is an address."""
    usable = [name for name in names if not name.startswith("-")]
    if wanted is not None:
        if wanted in usable:
            return wanted
        if "/" in wanted or ":" in wanted:
            return None
        raise _unusable("L450", f"there is no remote `{wanted}`")
    if "origin" in usable:
        return "origin"
    if len(usable) == 1:
        return usable[0]
    problem = "it has several remotes, and none is `origin`" if usable else "it has no remote"
    raise _unusable("L450", problem)


def _address(git: Git, name: str) -> str:
    """The one address that is pushed to; what is pushed to is also what is read, or a mirror could lie to us."""
    found = git.ask("remote", "get-url", "--push", "--all", "--", name)
    addresses = os.fsdecode(found.stdout).splitlines()
    if found.returncode != 0 or len(addresses) != 1:
        raise _unusable("L451", f"the remote `{name}` has not exactly one address to push to")
    return addresses[0]


def _rewritten(git: Git, address: str, folder: Path) -> str:
    """`address` as the user has told git to take it (`url.*.insteadOf`)."""
    _checked(address, folder)
    found = git.ask("ls-remote", "--get-url", "--", address)
    if found.returncode != 0:
        raise _unusable("L451", problem_of(found))
    return os.fsdecode(found.stdout).removesuffix("\n")


def _checked(address: str, folder: Path) -> str:
    scheme, separator, _ = address.partition("://")
    if address.startswith("-") or "\n" in address or "\0" in address:
        raise _unusable("L451", "it is not an address")
    if re.match(r"[A-Za-z0-9+.-]*::", address):
        raise _unusable("L451", "it names a program to run, and not an address")
    if separator:
        if scheme not in _PROTOCOLS:
            raise _unusable("L451", f"the protocol `{scheme}` is not allowed")
        return address
    host, colon, _ = address.partition(":")
    if colon and "/" not in host:
        return address
    return os.path.abspath(folder / address)  # noqa: PTH100 - symbolic links are left for git to follow


def _is_carried(key: str, token: str | None) -> bool:
    if _NEVER_CARRIED.fullmatch(key) or (token is not None and _IDENTIFIES.fullmatch(key)):
        return False
    return _CARRIED.fullmatch(key) is not None


def _environ(environ: Mapping[str, str], *, asks_by_ssh: bool) -> dict[str, str]:
    kept = {
        name: value
        for name, value in scrubbed(environ).items()
        if not _SECRET_VARIABLES.fullmatch(name)
    }
    if asks_by_ssh and not {"GIT_SSH_COMMAND", "GIT_SSH"} & kept.keys():
        kept["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes"
    fixed = {
        "GIT_ALLOW_PROTOCOL": ":".join(_PROTOCOLS),
        "GIT_CONFIG_NOSYSTEM": "1",
        "SSH_ASKPASS_REQUIRE": "never",
    }
    return {**kept, **fixed}


def _unusable(code: str, problem: str) -> SurroundingsFailed:
    return SurroundingsFailed(Diagnostic(code, {"problem": problem}))
