"""Which remote a ledger is kept on, and what git is told on the way there."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from launcher.catalogue import texts
from launcher.errors import SurroundingsFailed
from launcher.git import Git
from launcher.ledger.git_place import GitPlace
from launcher.ledger.git_remote import Remote, find_remote, without_secrets
from tests.support.ledgers import git

if TYPE_CHECKING:
    from collections.abc import Mapping

ENVIRON = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
TOKEN = "ghs_0123456789abcdef"  # noqa: S105 - of nobody


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    folder.mkdir()
    git(folder, "init", "--quiet", ".")
    return folder


def found(clone: Path, environ: Mapping[str, str] | None = None, **asked: str) -> Remote:
    return find_remote(clone, {**ENVIRON, **(environ or {})}, is_repository=True, **asked)


def refusal(clone: Path, **asked: str) -> tuple[str, str]:
    with pytest.raises(SurroundingsFailed) as caught:
        found(clone, None, **asked)
    return caught.value.diagnostics[0].code, texts(caught.value.diagnostics[0]).detail


def add(clone: Path, name: str, address: str) -> None:
    git(clone, "config", "--add", f"remote.{name}.url", address)


def place(remote: Remote) -> GitPlace:
    return GitPlace(remote, "refs/heads/launcher-ledger/w/e", limit_s=60)


# --- which ------------------------------------------------------------------------------------


def test_origin_is_taken_or_the_only_remote(clone: Path) -> None:
    assert refusal(clone)[0] == "L450"
    add(clone, "upstream", "https://example.org/up.git")
    assert found(clone).address == "https://example.org/up.git"
    add(clone, "fork", "https://example.org/fork.git")
    assert refusal(clone)[0] == "L450"
    add(clone, "origin", "https://example.org/origin.git")
    assert found(clone).address == "https://example.org/origin.git"


def test_another_remote_may_be_named_by_name_or_by_address(clone: Path) -> None:
    add(clone, "origin", "https://example.org/origin.git")
    add(clone, "up.stream", "git@example.org:up.git")
    assert found(clone, wanted="up.stream").address == "git@example.org:up.git"
    assert found(clone, wanted="https://h/x.git").address == "https://h/x.git"
    assert refusal(clone, wanted="other")[0] == "L450"


def test_a_remote_may_be_named_where_there_is_no_repository(tmp_path: Path) -> None:
    with pytest.raises(SurroundingsFailed):
        find_remote(tmp_path, ENVIRON, is_repository=False)
    remote = find_remote(tmp_path, ENVIRON, is_repository=False, wanted="../remote.git")
    assert remote.address == str(tmp_path.parent / "remote.git")


@pytest.mark.parametrize("is_repository", [True, False])
def test_the_users_own_configuration_counts_with_and_without_a_repository(
    clone: Path, tmp_path: Path, *, is_repository: bool
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[credential]\n\thelper = store\n[http]\n\tproxy = http://proxy.example.org:3128\n"
        '[url "https://mirror.example.org/"]\n\tinsteadOf = https://example.org/\n'
    )
    remote = find_remote(
        clone if is_repository else tmp_path,
        {**ENVIRON, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"},
        is_repository=is_repository,
        wanted="https://example.org/x.git",
    )
    assert remote.address == "https://mirror.example.org/x.git"
    assert set(remote.settings) == {
        ("credential.helper", "store"),
        ("http.proxy", "http://proxy.example.org:3128"),
    }


def test_a_folder_that_looks_like_a_repository_is_none(tmp_path: Path) -> None:
    """Its content may come from anywhere, and git would run what its configuration names."""
    git(tmp_path, "init", "--quiet", "--bare", ".")
    git(tmp_path, "config", "credential.helper", "!touch ran")
    remote = find_remote(
        tmp_path,
        {**ENVIRON, "GIT_CONFIG_NOSYSTEM": "1"},
        is_repository=False,
        wanted="https://example.org/x.git",
    )
    assert remote.settings == ()


def test_what_is_pushed_to_is_also_what_is_read(clone: Path) -> None:
    add(clone, "origin", "https://mirror.example.org/x.git")
    git(clone, "config", "remote.origin.pushurl", "https://example.org/x.git")
    assert found(clone).address == "https://example.org/x.git"
    git(clone, "config", "--unset", "remote.origin.pushurl")
    git(clone, "config", "url.ssh://git@example.org/.pushInsteadOf", "https://mirror.example.org/")
    assert found(clone).address == "ssh://git@example.org/x.git"


def test_two_addresses_cannot_hold_one_record(clone: Path) -> None:
    add(clone, "origin", "https://one.example.org/x.git")
    add(clone, "origin", "https://two.example.org/x.git")
    assert refusal(clone)[0] == "L451"


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/x.git",
        "git://example.org/x.git",
        "ext::sh -c touch% /tmp/x",
        "foo::bar",
        "-upload-pack=evil",
    ],
)
def test_only_https_ssh_and_folders_are_gone_to(clone: Path, address: str) -> None:
    add(clone, "origin", address)
    code, said = refusal(clone)
    assert code == "L451"
    assert "The ledger cannot be kept on this remote" in said


def test_git_itself_is_held_to_the_same_protocols(clone: Path) -> None:
    add(clone, "origin", "https://example.org/x.git")
    working = place(found(clone))
    for address, protocol in (("ext::sh -c date", b"ext"), ("http://127.0.0.1:9/x", b"http")):
        told = working._git.ask("ls-remote", address)
        assert b"transport '%s' not allowed" % protocol in told.stderr


# --- how --------------------------------------------------------------------------------------


def settings_of(remote: Remote) -> dict[str, str]:
    """What git's configuration is where it works for the ledger."""
    working = place(remote)
    told = working._git.ask("config", "--list", "-z").stdout.decode()
    return dict(item.partition("\n")[::2] for item in told.split("\0") if item)


def test_git_gets_there_as_it_would_from_the_users_repository(clone: Path, tmp_path: Path) -> None:
    """Conditional includes of the repository's own configuration too: CI systems keep credentials in them."""
    add(clone, "origin", "https://example.org/x.git")
    header = "AUTHORIZATION: basic abc"
    included = tmp_path / "credentials.config"
    included.write_text(f'[http "https://example.org/"]\n\textraheader = {header}\n')
    git(clone, "config", f"includeIf.gitdir:{clone}/.git.path", str(included))
    git(clone, "config", "core.sshCommand", "ssh -i key")
    git(clone, "config", "credential.helper", "store")
    told = settings_of(found(clone))
    assert told["http.https://example.org/.extraheader"] == header
    assert told["core.sshcommand"] == "ssh -i key"
    assert told["credential.helper"] == "store"


def test_nothing_else_of_the_users_configuration_is_taken_along(clone: Path) -> None:
    add(clone, "origin", "https://example.org/x.git")
    for key, value in (
        ("http.sslVerify", "false"),
        ("http.https://example.org/.sslVerify", "false"),
        ("http.followRedirects", "true"),
        ("core.hooksPath", "/evil"),
        ("core.fsmonitor", "/evil"),
        ("remote.origin.promisor", "true"),
        ("push.gpgSign", "true"),
        ("alias.push", "!evil"),
    ):
        git(clone, "config", key, value)
    told = settings_of(found(clone))
    assert told["http.sslverify"] == "true"
    assert told["http.followredirects"] == "false"
    assert told["core.hookspath"] == "/dev/null"
    assert told["core.fsmonitor"] == "false"
    assert told["push.gpgsign"] == "false"
    gone = {"http.https://example.org/.sslverify", "remote.origin.promisor", "alias.push"}
    assert not gone & told.keys()


def test_folders_that_the_user_trusts_are_trusted(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".gitconfig").write_text('[safe]\n\tdirectory = "/srv/a \\"b\\".git"\n')
    add(clone, "origin", "https://example.org/x.git")
    remote = found(clone, {"HOME": str(tmp_path / "home")})
    assert settings_of(remote)["safe.directory"] == '/srv/a "b".git'


def test_secrets_of_the_run_are_no_business_of_git(clone: Path) -> None:
    add(clone, "origin", "https://example.org/x.git")
    secret = {
        "BK_APP_SECRET": "s",
        "LAUNCHER_SECRET_DB": "s",
        "GIT_SSL_NO_VERIFY": "1",
        "GIT_DIR": "/elsewhere",
        "GIT_TRACE": "1",
    }
    remote = found(clone, {**secret, "HTTPS_PROXY": "http://proxy:1"})
    assert not secret.keys() & remote.environ.keys()
    assert remote.environ["HTTPS_PROXY"] == "http://proxy:1"


def test_nobody_is_asked_for_a_password(clone: Path) -> None:
    add(clone, "origin", "ssh://git@example.org/x.git")
    environ = found(clone).environ
    assert environ["GIT_SSH_COMMAND"] == "ssh -o BatchMode=yes"
    assert environ["SSH_ASKPASS_REQUIRE"] == "never"
    assert environ["GIT_TERMINAL_PROMPT"] == "0"
    git(clone, "config", "core.sshCommand", "ssh -i key")
    assert "GIT_SSH_COMMAND" not in found(clone).environ


# --- the token --------------------------------------------------------------------------------


def test_a_token_is_given_to_git_alone_and_stands_nowhere(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(clone, "origin", "https://example.org/x.git")
    git(clone, "config", "credential.helper", "!echo username=other; echo password=other;:")
    git(clone, "config", "http.https://example.org/.extraheader", "AUTHORIZATION: basic abc")
    remote = found(clone, {"LAUNCHER_GIT_TOKEN": TOKEN}, token=TOKEN)
    working = place(remote)
    commands: list[tuple[str, ...]] = []
    really = Git.ask

    def ask(self: Git, *arguments: str, **options: object) -> object:
        commands.append((*arguments, str(self.git_dir), str(self.folder)))
        return really(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "ask", ask)
    wanted = b"protocol=https\nhost=example.org\n\n"
    told = working._git.ask("credential", "fill", stdin=wanted).stdout.decode().splitlines()
    assert "username=x-access-token" in told
    assert f"password={TOKEN}" in told
    assert TOKEN not in str(commands)
    assert TOKEN not in remote.address
    assert TOKEN not in repr(remote)
    assert not any("extraheader" in key for key in settings_of(remote))
    stored = [item for item in working._folder.rglob("*") if item.is_file()]
    assert stored
    assert not any(TOKEN.encode() in item.read_bytes() for item in stored)


def test_an_address_is_shown_without_who_asks() -> None:
    text = "fatal: unable to access 'https://bo:pw@h/x.git/': token tok-1"
    assert without_secrets(text, "tok-1") == (
        "fatal: unable to access 'https://h/x.git/': token ***"
    )


def test_a_password_in_the_address_stands_in_no_command_and_no_message(clone: Path) -> None:
    add(clone, "origin", "https://bo:pass-word@127.0.0.1:9/x.git")
    remote = found(clone)
    assert remote.shown == "https://127.0.0.1:9/x.git"
    with pytest.raises(SurroundingsFailed) as caught:
        place(remote).fetch()
    (told,) = caught.value.diagnostics
    assert told.code == "L452"
    assert "127.0.0.1" in texts(told).detail
    assert "pass-word" not in texts(told).detail


@pytest.mark.parametrize(
    ("told", "fits"),
    [
        ("git version 2.31.9", False),
        ("git version 2.32.0", True),
        ("git version 3.1.0.windows.1", True),
        ("git version 2.39.5 (Apple Git-154)", True),
        ("gut version 2.39.5", False),
    ],
)
def test_a_git_that_would_pass_over_its_settings_is_refused(
    clone: Path, tmp_path: Path, told: str, *, fits: bool
) -> None:
    add(clone, "origin", "https://example.org/x.git")
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    real = shutil.which("git")
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *" version") echo "{told}" ;; *) exec {real} "$@" ;; esac\n'
    )
    program.chmod(0o755)
    environ = {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    if fits:
        assert found(clone, environ).address == "https://example.org/x.git"
        return
    with pytest.raises(SurroundingsFailed) as caught:
        found(clone, environ)
    assert [item.code for item in caught.value.diagnostics] == ["L457"]


def test_a_place_whose_owner_was_killed_is_swept_and_that_of_a_living_one_is_not(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(clone, "origin", "https://example.org/x.git")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    (temporary / "launcher-ledger-of-somebody").mkdir()
    (temporary / "launcher-ledger-link").symlink_to(clone)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    remote = found(clone)
    lives = place(remote)
    folder = lives._folder
    child = os.fork()
    if child == 0:
        dies = place(remote)
        assert dies._git.git_dir == dies._folder
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    left = set(temporary.glob("launcher-ledger-*")) - {folder}
    assert len(left) == 3
    another = place(remote)
    assert another._folder != folder
    assert {item.name for item in temporary.glob("launcher-ledger-*")} == {
        "launcher-ledger-of-somebody",
        "launcher-ledger-link",
        folder.name,
        another._folder.name,
    }
    assert (clone / ".git").exists()


def test_a_place_that_cannot_be_written_is_told(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, say: a file cannot be larger than nothing."""
    add(clone, "origin", "https://example.org/x.git")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    working = place(found(clone))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        with pytest.raises(SurroundingsFailed) as caught:
            working.fetch()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [item.code for item in caught.value.diagnostics] == ["L452"]


def test_a_git_that_was_killed_leaves_no_lock_behind(clone: Path, tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    git(clone, "init", "--quiet", "--bare", str(remote))
    add(clone, "origin", str(remote))
    working = place(found(clone))
    assert working.fetch() is None
    lock = working._folder / "shallow.lock"
    lock.touch()
    killed = subprocess.CompletedProcess[bytes]((), -signal.SIGKILL, b"", b"")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Git, "ask", lambda *_, **__: killed)
        with pytest.raises(SurroundingsFailed):
            working.fetch()
    assert not lock.exists()


def test_the_place_goes_with_its_owner(clone: Path) -> None:
    add(clone, "origin", "https://example.org/x.git")
    working = place(found(clone))
    assert working._git.git_dir is not None
    folder = Path(os.fspath(working._git.git_dir))
    assert folder.stat().st_mode & 0o077 == 0
    del working
    assert not folder.exists()
