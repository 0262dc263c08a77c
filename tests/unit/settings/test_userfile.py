"""The user configuration: where it is, what it may be, and that nothing secret of it is ever said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from launcher.catalogue import texts
from launcher.errors import SurroundingsFailed
from launcher.settings import Settings
from launcher.settings.userfile import default_path
from tests.support.userconfig import HEAD, SERVERS, a_user_config


def refused(environ, outside=()):
    """The diagnostics with which the file is refused, and the code and line of each."""
    settings = Settings.from_environment(environ, outside)
    with pytest.raises(SurroundingsFailed) as caught:
        _ = settings.user.content
    for item in caught.value.diagnostics:
        assert texts(item).detail
    return [
        (item.code, item.place.span.line if item.place and item.place.span else None)
        for item in caught.value.diagnostics
    ]


def named(path: Path) -> dict[str, str]:
    return {"LAUNCHER_CONFIG": str(path)}


@pytest.mark.parametrize(
    ("environ", "platform", "path"),
    [
        ({"HOME": "/home/ana"}, "linux", "/home/ana/.config/launcher/config.yaml"),
        (
            {"HOME": "/home/ana", "XDG_CONFIG_HOME": "/etc/x"},
            "linux",
            "/etc/x/launcher/config.yaml",
        ),
        (
            {"HOME": "/home/ana", "XDG_CONFIG_HOME": "x"},
            "linux",
            "/home/ana/.config/launcher/config.yaml",
        ),
        (
            {"HOME": "/Users/ana", "XDG_CONFIG_HOME": "/etc/x"},
            "darwin",
            "/Users/ana/Library/Application Support/launcher/config.yaml",
        ),
        ({"APPDATA": "/C/Users/ana"}, "win32", "/C/Users/ana/launcher/config.yaml"),
        ({}, "linux", None),
        ({}, "darwin", None),
        ({"HOME": "/home/ana"}, "win32", None),
        ({"HOME": "here"}, "linux", None),
    ],
)
def test_the_file_is_in_the_folder_that_the_platform_has_for_it(environ, platform, path):
    assert default_path(environ, platform) == (None if path is None else Path(path))


def test_a_file_that_nobody_named_may_be_missing(tmp_path):
    settings = Settings.from_environment({"XDG_CONFIG_HOME": str(tmp_path)})

    assert not settings.user.exists
    assert dict(settings.user.content.servers) == {}
    assert (settings.poll_s, settings.language) == (2, "en")


def test_a_file_that_is_named_must_be_there_and_be_a_file(tmp_path):
    assert refused(named(tmp_path / "nowhere.yaml")) == [("L547", None)]
    assert refused(named(tmp_path)) == [("L547", None)]


def test_a_relative_path_is_refused():
    with pytest.raises(SurroundingsFailed) as caught:
        Settings.from_environment({"LAUNCHER_CONFIG": "config.yaml"})
    assert caught.value.diagnostics[0].facts["variable"] == "LAUNCHER_CONFIG"


def test_the_null_device_stands_for_no_file():
    assert dict(Settings.from_environment(named(Path("/dev/null"))).user.content.servers) == {}


def test_the_named_file_is_read_and_the_usual_one_is_not(tmp_path):
    a_user_config(tmp_path / "launcher", "poll: 7s\n")
    other = a_user_config(tmp_path / "other", "poll: 9s\n")

    assert Settings.from_environment({"XDG_CONFIG_HOME": str(tmp_path)}).poll_s == 7
    assert Settings.from_environment({"XDG_CONFIG_HOME": str(tmp_path), **named(other)}).poll_s == 9


def test_the_environment_goes_before_the_file(tmp_path):
    environ = named(a_user_config(tmp_path, "poll: 7s\nlang: zh-cn\n"))

    settings = Settings.from_environment(environ)
    assert (settings.poll_s, settings.language) == (7, "zh-cn")
    settings = Settings.from_environment(environ | {"LAUNCHER_POLL": "3s", "LAUNCHER_LANG": "en"})
    assert (settings.poll_s, settings.language) == (3, "en")


def test_nothing_is_read_before_something_asks_for_it(tmp_path):
    path = a_user_config(tmp_path, "nonsense: 1\n")

    settings = Settings.from_environment(named(path))
    assert settings.lock_stale_s == 120
    assert refused(named(path)) == [("L120", 4)]


@pytest.mark.parametrize(
    "way", ["named", "by a link", "home in the checkout", "by dots", "by a folder that is a link"]
)
def test_a_file_in_the_repository_is_refused_whatever_leads_to_it(tmp_path, way):
    checkout, elsewhere = tmp_path / "checkout", tmp_path / "elsewhere"
    inside = a_user_config(checkout / ".config" / "launcher")
    elsewhere.mkdir()
    environ = named(inside)
    if way == "by a link":
        (elsewhere / "link.yaml").symlink_to(inside)
        environ = named(elsewhere / "link.yaml")
    elif way == "by a folder that is a link":
        (elsewhere / "folder").symlink_to("../checkout/.config")
        environ = named(elsewhere / "folder/launcher/config.yaml")
    elif way == "home in the checkout":
        environ = {"HOME": str(checkout)}
    elif way == "by dots":
        environ = named(elsewhere / ".." / "checkout/.config/launcher/config.yaml")

    assert refused(environ, (checkout / "deploy", checkout)) == [("L516", None)]
    assert Settings.from_environment(environ, (tmp_path / "third",)).user.content.servers


@pytest.mark.parametrize("way", ["link", "folder/config.yaml", "there/link", "there/loop"])
def test_a_link_of_the_repository_is_not_followed_wherever_it_leads(tmp_path, way):
    checkout, elsewhere = tmp_path / "checkout", tmp_path / "elsewhere"
    checkout.mkdir()
    path = a_user_config(elsewhere)
    (checkout / "link").symlink_to(path)
    (checkout / "folder").symlink_to(elsewhere)
    (elsewhere / "link").symlink_to(checkout / "link")
    (elsewhere / "loop").symlink_to("../elsewhere/loop")
    start = elsewhere if way.startswith("there/") else checkout

    found = refused(named(start / way.removeprefix("there/")), (checkout,))
    assert found == [("L547" if way.endswith("loop") else "L516", None)]
    beside = elsewhere / ".." / "checkout" / ".." / "elsewhere" / "config.yaml"
    assert Settings.from_environment(named(beside), (checkout,)).user.content.servers


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_secret_in_the_file_is_for_its_owner_alone(tmp_path, mode):
    assert refused(named(a_user_config(tmp_path, mode=mode))) == [("L517", 9)]


def test_the_password_of_a_proxy_is_a_secret_too(tmp_path):
    spec = "servers: {remote: {proxy: 'http://u:hunter2@p'}}\n"

    assert refused(named(a_user_config(tmp_path, spec, mode=0o644))) == [("L517", 4)]


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_its_owner_may_read_it(tmp_path, mode):
    assert Settings.from_environment(named(a_user_config(tmp_path, mode=mode))).user.content.servers


def test_a_file_that_only_refers_to_secrets_may_be_read_but_not_written_by_everybody(tmp_path):
    spec = SERVERS.replace("file-ticket-2", "{env: TICKET}")

    path = a_user_config(tmp_path, spec, mode=0o664)
    assert Settings.from_environment(named(path)).user.content.servers
    path.chmod(0o666)
    assert refused(named(path)) == [("L518", None)]


def test_no_server_takes_the_name_of_the_sandbox(tmp_path):
    path = a_user_config(tmp_path, "servers:\n  sandbox: {url: 'https://x'}\n")

    assert refused(named(path)) == [("L549", 5)]


@pytest.mark.parametrize("content", ["", "# nothing\n", HEAD + "  - \n", "a: [\n", "kind: [}\n"])
def test_what_is_no_document_is_refused(tmp_path, content):
    path = tmp_path / "config.yaml"
    path.write_text(content)

    assert refused(named(path))


@pytest.mark.parametrize(
    "line",
    [
        "appSecret: 48151623",
        "appSecret: !hunter2 x",
        "appSecret: &hunter2 x",
        "appSecret: *hunter2",
        "appSecret: {hunter2: x, env: A, file: b}",
        "appSecret: {env: hunter2-x}",
        "appSecret: [hunter2]",
        "appSecret: ' hunter2'",
        "appSecret: 'hunter2",
        "appSecret: %hunter2",
        "appSecret: 1.48151623",
        "proxy: 48151623",
        "url: 48151623",
        "ticket: |\n      hunter2\n      hunter2",
        "ticket: hunter2\n    ticket: hunter2",
    ],
)
def test_what_is_wrong_is_said_without_a_word_of_a_secret(tmp_path, line):
    path = a_user_config(tmp_path, f"servers:\n  remote:\n    {line}\n")

    with pytest.raises(SurroundingsFailed) as caught:
        _ = Settings.from_environment(named(path)).user.content
    said = json.dumps([(str(texts(item)), dict(item.facts)) for item in caught.value.diagnostics])
    secret_key = "hunter2: x" in line
    assert secret_key or "hunter2" not in said
    assert "48151623" not in said
