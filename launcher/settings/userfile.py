"""The user's own configuration: a file outside of every repository, read once something asks for it.

The repository has no say in where servers are, so a file that lies inside it is refused, whoever
named it: a pull request could have brought it along. What stands in the file may be secret, so
messages about it quote next to nothing.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic, Place
from launcher.errors import SurroundingsFailed
from launcher.manifest.compose import MAX_BYTES, compose
from launcher.manifest.load import load_data
from launcher.manifest.locate import locate_in
from launcher.manifest.nodes import span_of
from launcher.manifest.schemas import USERCONFIG
from launcher.model.documents import SANDBOX
from launcher.settings.outside import inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["SECRETS", "UserConfiguration", "UserFile", "default_path", "expanded"]

SECRETS = ("appSecret", "accessToken", "ticket", "token")
"""Fields of a server that hold a secret, or refer to one."""

_MAY_BE_QUOTED = ("apiVersion", "kind", "door", "lang", "poll")
_QUOTES = ("text", "quoted", "likely", "close", "name", "tag", "message", "key")
_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def default_path(environ: Mapping[str, str], platform: str) -> Path | None:
    """Where the file is when nothing names it: in the platform's folder for settings of programs.

    `platform` is what `sys.platform` says. `None` where `environ` does not tell of such a folder.
    Source: XDG Base Directory Specification, where a relative path counts as none.
    """
    home = environ.get("HOME", "")
    if platform == "win32":
        folders = [environ.get("APPDATA", "")]
    elif platform == "darwin":
        folders = [f"{home}/Library/Application Support" if home else ""]
    else:
        folders = [environ.get("XDG_CONFIG_HOME", ""), f"{home}/.config" if home else ""]
    found = next((Path(item) for item in folders if Path(item).is_absolute()), None)
    return None if found is None else found / "launcher" / "config.yaml"


@dataclass(frozen=True, slots=True)
class UserConfiguration:
    """What the file says, after it has passed its schema.

    Attributes:
        path: the file.
        lang: the language of JOB's messages.
        poll: a duration.
        servers: by name, the fields of each.
        outside: folders that no file which it refers to may lie in.
    """

    path: str
    content: bytes = field(default=b"", repr=False)
    lang: str | None = None
    poll: str | None = None
    servers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    outside: tuple[Path, ...] = ()

    def place(self, *pointer: str) -> Place:
        """The place of `spec` that `pointer` leads to."""
        return Place(self.path, ("spec", *pointer))

    def with_lines(self, places: Iterable[Place | None]) -> Iterator[Place | None]:
        """`places` of this file with lines and columns; one that is `None` stays so."""
        root = compose(self.path, self.content).root
        for place in places:
            if root is None or place is None or place.pointer is None:
                yield place
            else:
                yield replace(place, span=span_of(root, place.pointer))

    def located(self, problems: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """`problems` with lines and columns."""
        return locate_in(problems, lambda path: self.content if path == self.path else None)


class UserFile:
    """The file, whether it is there or not; it is read when its content is first asked for.

    Attributes:
        path: where it is looked for; `None` for nowhere.
        is_named: LAUNCHER_CONFIG names it, so it has to be there.
    """

    def __init__(
        self, path: Path | None, *, is_named: bool = False, outside: tuple[Path, ...] = ()
    ) -> None:
        """`outside`: folders that it must not lie in."""
        self.path = None if path == Path(os.devnull) else path
        self.is_named = is_named
        self._outside = outside

    @property
    def exists(self) -> bool:
        """Whether there is something to read."""
        return self.path is not None and os.path.lexists(self.path)

    @cached_property
    def content(self) -> UserConfiguration:
        """What it says; nothing where nobody named it and it is not there.

        Raises:
            SurroundingsFailed: it cannot be read, is invalid, or must not be trusted.
        """
        if self.path is None or not (self.is_named or self.exists):
            path = "" if self.path is None else str(self.path)
            return UserConfiguration(path, outside=self._outside)
        self._check_outside(self.path)
        content, mode = _read(self.path)
        path = str(self.path)
        data, problems = load_data(path, content, USERCONFIG)
        if data is None:
            raise SurroundingsFailed(*(_discreet(item) for item in problems))
        spec = data["spec"]
        found = UserConfiguration(
            path,
            content,
            spec.get("lang"),
            spec.get("poll"),
            spec.get("servers", {}),
            self._outside,
        )
        problems = found.located([*_sandbox(found), *_permissions(found, mode)])
        if problems:
            raise SurroundingsFailed(*problems)
        return found

    def _check_outside(self, path: Path) -> None:
        root = inside(path, self._outside)
        if root is not None:
            facts = {"path": str(path), "root": str(root)}
            raise SurroundingsFailed(Diagnostic("L516", facts))


def _read(path: Path) -> tuple[bytes, int]:
    try:
        # Opened without waiting, because a pipe would wait for a writer for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            if stat.S_ISREG(mode):
                return file.read(MAX_BYTES + 1), mode
        reason = "it is not a regular file"
    except OSError as error:
        reason = error.strerror or str(error)
    raise SurroundingsFailed(Diagnostic("L547", {"path": str(path), "reason": reason}))


def _discreet(problem: Diagnostic) -> Diagnostic:
    """`problem` without what it quotes of the file, unless that can be no secret."""
    if problem.code == "L110":
        path = problem.place.path if problem.place else ""
        return Diagnostic("L547", {"path": path, "reason": "it holds no document"})
    place = problem.place
    pointer = (place.pointer if place else None) or ()
    is_plain = bool(place and place.of_key) or bool(pointer and pointer[-1] in _MAY_BE_QUOTED)
    if is_plain:
        return problem
    facts = {key: "…" if key in _QUOTES else text for key, text in problem.facts.items()}
    # The hint for manifests names a command that does not read this file.
    hint = "quote" if problem.code == "L122" else problem.hint
    return replace(problem, facts=facts, hint=hint)


def _sandbox(found: UserConfiguration) -> list[Diagnostic]:
    if SANDBOX not in found.servers:
        return []
    place = replace(found.place("servers", SANDBOX), of_key=True)
    return [Diagnostic("L549", {"name": SANDBOX}, place)]


def _permissions(found: UserConfiguration, mode: int) -> list[Diagnostic]:
    """Whoever may write the file chooses where credentials go; whoever may read it has those it holds."""
    if os.name != "posix":
        return []
    facts = {"path": found.path, "mode": f"{stat.S_IMODE(mode):o}"}
    plain = _plain_secret(found)
    if plain is not None and mode & _OF_OTHERS:
        return [Diagnostic("L517", facts, found.place(*plain))]
    if mode & stat.S_IWOTH:
        return [Diagnostic("L518", facts)]
    return []


def _plain_secret(found: UserConfiguration) -> tuple[str, ...] | None:
    """The route to the first secret that stands in the file itself."""
    for name, fields in found.servers.items():
        for key in SECRETS:
            if isinstance(fields.get(key), str):
                return ("servers", name, key)
        # The proxy's password is one as well.
        if "@" in fields.get("proxy", ""):
            return ("servers", name, "proxy")
    return None


def expanded(environ: Mapping[str, str], text: str, folder: Path) -> Path:
    """The path that `text` means in a file of `folder`."""
    home = environ.get("HOME")
    if text.startswith("~/") and home:
        return Path(home, text[2:])
    return folder / text
