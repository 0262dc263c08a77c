"""Missing history is fetched with the token that is given for the remote, and the token goes nowhere else."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from launcher.engine.recorded import Recorded
from launcher.forge.git import Relation, Repository, find_repository
from launcher.forge.history import Access
from launcher.operations.backwards import backwards
from launcher.operations.site import find_site
from tests.support.git_server import GitServer
from tests.support.workspaces import WORKSPACE, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "ghs_0123456789abcdef"  # noqa: S105 - of nobody
NOT_IT = "other"
OURS = f"x-access-token:{TOKEN}"


@pytest.fixture
def origin(tmp_path) -> Place:
    """Three commits, and a bare copy of them that is served."""
    found = Place(tmp_path / "origin")
    found.write("a.txt", "1")
    found.write("launcher.yaml", WORKSPACE)
    found.git("init", "--quiet", "--initial-branch=main")
    for word in ("one", "two", "three"):
        found.write("a.txt", word)
        found.commit(word)
    (tmp_path / "served").mkdir()
    found.git("clone", "--quiet", "--bare", ".", str(tmp_path / "served/app.git"))
    return found


@pytest.fixture
def server(origin) -> Iterator[GitServer]:
    with GitServer(origin.root.parent / "served", TOKEN) as found:
        yield found


class Clone:
    """A shallow clone of `main`, as CI systems make it, whose `origin` is the server."""

    def __init__(self, origin: Place, server: GitServer) -> None:
        self.server = server
        self.origin = origin
        self.place = Place(origin.root.parent / "clone")
        source = (server.folder / "app.git").as_uri()
        origin.git("clone", "--quiet", "--depth=1", source, str(self.place.root))
        self.place.git("remote", "set-url", "origin", server.address("app.git"))

    def configure(self, key: str, value: str) -> None:
        self.place.git("config", key, value)

    def relation(self, access: Access, **environ: str) -> Relation:
        """How the newest commit stands to the first one."""
        repository: Repository | None = find_repository(self.place.root, self.environ | environ)
        assert repository is not None
        head = self.origin.git("rev-parse", "HEAD")
        return repository.relation(head, self.first, access=access)

    @property
    def environ(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_SSL_CAINFO": str(self.server.authority),
        }

    @property
    def first(self) -> str:
        return self.origin.git("rev-parse", "HEAD~2")

    @property
    def given(self) -> set[str | None]:
        return set(self.server.given)


@pytest.fixture
def clone(origin, server) -> Clone:
    return Clone(origin, server)


def test_without_a_token_history_that_needs_one_is_not_known(clone):
    assert clone.relation(Access()) is Relation.NOT_KNOWN
    assert clone.given == {None}


def test_missing_history_is_fetched_with_the_token(clone):
    assert clone.relation(Access(token=TOKEN)) is Relation.NEWER
    assert clone.given == {None, OURS}


@pytest.mark.parametrize("token", [TOKEN, ""])
def test_a_run_has_the_token_from_its_variables(clone, token):
    clone.place.environ |= clone.environ | {"LAUNCHER_GIT_TOKEN": token}
    site = find_site(clone.place.root, None, clone.place.surroundings)
    found = backwards(site, replace(Recorded(), commit=clone.first), fetch=True)
    assert [item.code for item in found] == ([] if token else ["L530"])


@pytest.mark.parametrize("by", ["name", "address"])
def test_the_token_is_for_the_remote_that_is_named(clone, by):
    named = "origin" if by == "name" else clone.server.address("app.git")
    assert clone.relation(Access(named, TOKEN)) is Relation.NEWER


@pytest.mark.parametrize("by", ["name", "address"])
def test_the_token_for_another_remote_is_not_given_to_this_one(clone, by):
    clone.place.git("remote", "add", "ledgers", "https://localhost:9/ledgers.git")
    named = "ledgers" if by == "name" else "https://localhost:9/ledgers.git"
    assert clone.relation(Access(named, TOKEN)) is Relation.NOT_KNOWN
    assert clone.given == {None}


def test_the_token_is_not_given_to_a_mirror_of_the_remote(clone):
    clone.configure("remote.origin.pushurl", "https://localhost:9/app.git")
    assert clone.relation(Access(token=TOKEN)) is Relation.NOT_KNOWN
    assert clone.given == {None}


def test_of_several_remotes_without_an_origin_none_is_given_the_token(clone):
    clone.place.git("remote", "rename", "origin", "app")
    clone.place.git("remote", "add", "zzz", "https://localhost:9/app.git")
    assert clone.relation(Access(token=TOKEN)) is Relation.NOT_KNOWN
    assert clone.given == {None}
    clone.place.git("remote", "remove", "zzz")
    assert clone.relation(Access(token=TOKEN)) is Relation.NEWER


def test_who_else_git_could_be_makes_way_for_the_token(clone):
    address = clone.server.address("app.git")
    clone.configure("credential.helper", f"!echo username=bo; echo password={NOT_IT};:")
    clone.configure(f"credential.{address}.username", "bo")
    clone.configure(f"http.{address}.extraheader", "Authorization: Basic Ym86b3RoZXI=")
    assert clone.relation(Access(token=TOKEN)) is Relation.NEWER
    assert clone.given == {None, OURS}


@pytest.mark.parametrize("what", ["http", "http.{address}"])
def test_the_token_is_not_given_to_whom_no_certificate_vouches_for(clone, what):
    clone.configure(what.format(address=clone.server.address("app.git")) + ".sslVerify", "false")
    found = clone.relation(Access(token=TOKEN), GIT_SSL_CAINFO="", GIT_SSL_NO_VERIFY="1")
    assert (found, clone.given) == (Relation.NOT_KNOWN, set())


@pytest.mark.parametrize("what", ["section", "http", "http.{address}"])
def test_the_token_is_not_taken_along_to_where_one_is_sent_on(clone, what):
    address = clone.server.address("moved/app.git")
    clone.place.git("remote", "set-url", "origin", address)
    clone.configure(what.format(address=address) + ".followRedirects", "true")
    assert clone.relation(Access(token=TOKEN)) is Relation.NOT_KNOWN
    assert clone.given == {None}


def test_settings_that_come_in_variables_still_count(clone):
    address = clone.server.address("app.git")
    named = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{address}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://elsewhere.example/app.git",
    }
    clone.place.git("remote", "set-url", "origin", "https://elsewhere.example/app.git")
    assert clone.relation(Access(token=TOKEN), **named) is Relation.NEWER


def test_the_token_stands_nowhere_in_the_clone(clone):
    clone.relation(Access(token=TOKEN))
    files = [item for item in clone.place.root.rglob("*") if item.is_file()]
    assert files
    assert not any(TOKEN.encode() in item.read_bytes() for item in files)
