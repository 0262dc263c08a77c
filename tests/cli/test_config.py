"""`launcher config show`, and that an address in the repository leads nowhere."""

from __future__ import annotations

import json
import re
import socket

import jsonschema
import pytest

from launcher.model.times import seconds_of
from launcher.settings import Settings
from launcher.settings.servers import VARIABLES
from launcher.settings.shown import GENERAL
from tests.support.command_line import REPOSITORY
from tests.support.userconfig import HEAD, SERVERS, a_user_config

SANDBOX = "    sandbox:\n      server: sandbox\n"
REMOTE = "    sandbox:\n      server: remote\n"

SECRETS = ("my-secret-1", "file-ticket-2", "hunter2", "git-token-3")


@pytest.fixture
def config(empty, monkeypatch):
    """A user configuration where the command line looks for it."""
    monkeypatch.setenv("MY_APP_SECRET", "my-secret-1")
    return a_user_config(empty.directory.parent / "config" / "launcher")


def told(line, *arguments, code=0):
    result = line("config", "show", "-o", "json", *arguments)
    assert result.code == code, result
    assert not [item for item in SECRETS if item in result.out + result.err]
    data = json.loads(result.out)
    schema = json.loads((REPOSITORY / "schemas/config-v1.json").read_text())
    jsonschema.Draft7Validator(schema).validate(data)
    jsonschema.Draft202012Validator(schema).validate(data)
    return data


def rows(settings):
    return {item["name"]: item for item in settings}


def origin(item):
    return item["value"], item["source"], item["variable"], item["line"]


def test_it_works_without_a_workspace_and_without_a_file(empty):
    data = told(empty)

    assert data["user_config"]["path"].endswith("config/launcher/config.yaml")
    assert not data["user_config"]["exists"]
    assert data["servers"] == []
    assert origin(rows(data["settings"])["poll"]) == ("0.05", "environment", "LAUNCHER_POLL", None)
    assert origin(rows(data["settings"])["lang"]) == ("en", "default", None, None)
    result = empty("config", "show")
    assert re.match(r"User configuration: \S+/config.yaml \(not there\)\n", result.out)


def test_each_value_is_shown_with_where_it_came_from(empty, config, monkeypatch):
    monkeypatch.delenv("LAUNCHER_POLL")
    config.write_text(config.read_text() + "  poll: 9s\n  lang: en\n")
    data = told(empty, "--server", "remote", "--lang", "zh-cn")

    general, server = rows(data["settings"]), rows(data["servers"][0]["settings"])
    assert origin(general["lang"]) == ("zh-cn", "flag", None, None)
    assert origin(general["poll"]) == ("9s", "file", None, 16)
    assert general["poll"]["path"] == str(config)
    url = "https://bkapi.example.com/api/bk-job/prod"
    assert origin(server["url"]) == (url, "file", None, 6)
    assert origin(server["stage"]) == ("prod", "default", None, None)
    assert origin(server["appCode"]) == ("file-app", "file", None, 7)
    assert origin(server["appSecret"]) == (None, "file", "MY_APP_SECRET", 8)
    assert origin(server["ticket"]) == (None, "file", None, 9)
    assert (server["ticket"]["secret"], server["ticket"]["set"]) == (True, True)
    assert data["servers"][0]["source"] == "file"


@pytest.mark.usefixtures("config")
def test_the_server_of_an_environment_is_shown(demo):
    demo.edit("launcher.yaml", SANDBOX, REMOTE)

    data = told(demo, "-e", "sandbox")
    assert (data["environment"], [item["name"] for item in data["servers"]]) == (
        "sandbox",
        ["remote"],
    )


OTHERS = """\
    production: {server: old, scope: {type: biz, id: "3"}}
    later: {server: old, scope: {type: biz, id: "4"}}
    nowhere: {server: unheard-of, scope: {type: biz, id: "5"}}
"""


@pytest.mark.usefixtures("config")
def test_without_a_name_the_servers_of_all_environments_are_shown_and_only_the_default_can_fail(
    demo,
):
    demo.edit("launcher.yaml", SANDBOX, OTHERS + SANDBOX)

    data = told(demo)
    found = [(item["name"], item["environments"], item["usable"]) for item in data["servers"]]
    assert found == [
        ("sandbox", ["documented", "sandbox"], True),
        ("old", ["later", "production"], False),
        ("unheard-of", ["nowhere"], False),
    ]
    assert (data["environment"], data["diagnostics"]) == ("sandbox", [])
    text = demo("config", "show").out
    assert "Server old of environments later, production, described by the user" in text
    assert (
        "A run could not use it as it is described. Why:\n  launcher config show -e later" in text
    )
    why = told(demo, "-e", "later", code=1)
    assert [item["code"] for item in why["diagnostics"]] == ["L519"]


def test_the_sandbox_needs_nothing(demo):
    assert told(demo)["servers"][0]["sandbox"]
    assert "built in" in demo("config", "show").out


@pytest.mark.usefixtures("config")
def test_variables_that_do_not_count_are_named(empty, monkeypatch):
    monkeypatch.setenv("BK_TICKET", "hunter2")

    assert told(empty, "--server", "remote")["servers"][0]["unused"] == ["BK_TICKET"]
    assert "Not used for it: BK_TICKET." in empty("config", "show", "--server", "remote").out


@pytest.mark.usefixtures("config")
def test_what_a_run_could_not_use_is_told_beside_what_there_is(empty):
    data = told(empty, "--server", "old", code=1)

    assert [(item["code"], item["line"]) for item in data["diagnostics"]] == [("L519", 14)]
    assert not rows(data["servers"][0]["settings"])["appSecret"]["set"]


def test_a_file_that_is_refused_is_told_once_and_without_its_lines(demo, config):
    config.chmod(0o644)

    result = demo("config", "show", "--server", "remote")
    assert result.code == 1
    assert result.err.count("L517") == 1
    assert f"chmod 600 {config}" in result.err
    assert f"{config}:9:" in result.err
    assert "file-ticket-2" not in result.out + result.err


def test_a_line_of_the_file_is_not_shown_where_one_of_a_manifest_would_be(demo, config):
    config.write_text(
        HEAD + "  servers:\n    remote:\n      ticket: hunter2 # @\n      tiket: &a\n"
    )

    result = demo("config", "show")
    assert result.code == 1
    assert f"{config}:7:" in result.err
    assert "hunter2" not in result.out + result.err
    assert "tiket:" not in result.err


@pytest.mark.usefixtures("config")
def test_users_and_queries_in_addresses_are_masked(empty, monkeypatch):
    monkeypatch.setenv("LAUNCHER_GIT_REMOTE", "https://u:hunter2@git.example.com/x?a=hunter2")
    monkeypatch.setenv("LAUNCHER_GIT_TOKEN", "git-token-3")
    monkeypatch.setenv("HTTPS_PROXY", "http://u:hunter2@p:3128")

    data = told(empty, "--server", "remote")
    assert rows(data["settings"])["gitRemote"]["value"] == "https://…@git.example.com/x…"
    assert rows(data["servers"][0]["settings"])["proxy"]["value"] == "http://…@p:3128"


def test_a_file_in_the_checkout_is_refused(demo, monkeypatch):
    path = a_user_config(demo.directory / "etc", SERVERS)
    monkeypatch.setenv("LAUNCHER_CONFIG", str(path))

    assert [item["code"] for item in told(demo, code=1)["diagnostics"]] == ["L516"]


def test_a_file_in_the_repository_around_the_workspace_is_refused(empty, monkeypatch):
    workspace = empty.directory / "deploy"
    workspace.mkdir()
    (workspace / "launcher.yaml").write_text((REPOSITORY / "launcher.yaml").read_text())
    (empty.directory / ".git").mkdir()
    for name in ("refs", "objects"):
        (empty.directory / ".git" / name).mkdir()
    (empty.directory / ".git/HEAD").write_text("ref: refs/heads/main\n")
    monkeypatch.setenv("LAUNCHER_CONFIG", str(a_user_config(empty.directory / "etc")))

    data = told(empty, "-C", str(workspace), "--server", "remote", code=1)
    assert [item["code"] for item in data["diagnostics"]] == ["L516"]


@pytest.mark.parametrize(
    ("arguments", "environ", "file", "words"),
    [
        ((), {}, None, "Job plan does not exist"),
        (("--lang", "zh-cn"), {}, None, "找不到执行方案"),
        ((), {"LAUNCHER_LANG": "zh-cn"}, "en", "找不到执行方案"),
        ((), {}, "zh-cn", "找不到执行方案"),
        (("--lang", "en"), {"LAUNCHER_LANG": "zh-cn"}, "zh-cn", "Job plan does not exist"),
    ],
    ids=["nobody", "flag", "environment", "file", "flag first"],
)
def test_job_speaks_the_language_that_is_asked_for(
    demo, monkeypatch, arguments, environ, file, words
):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    if file is not None:
        a_user_config(demo.directory.parent / "config" / "launcher", f"lang: {file}\n")
    demo.edit("plans/web/deploy.yaml", "plan: {id: 1000}", "plan: {id: 999}")

    assert words in demo("diff", *arguments).err


def test_a_command_that_needs_no_server_reads_no_user_configuration(demo, config):
    config.write_text("not: [a, document\n")

    for command in (
        ("validate",),
        ("diff", "--offline"),
        ("status",),
        ("render",),
    ):
        assert demo(*command).code == 0, command
    assert demo("diff").code == 1, "the test would see it"


def test_an_environment_and_a_server_exclude_each_other(demo):
    result = demo("config", "show", "-e", "sandbox", "--server", "remote")
    assert (result.code, "exclude each other" in result.err) == (64, True)


def test_every_variable_is_shown_somewhere():
    shown = {variable for variable, _ in GENERAL.values()}
    shown |= {name for names in VARIABLES.values() for name in names}
    shown |= {"LAUNCHER_CA_BUNDLE", "LAUNCHER_CONFIG", "LAUNCHER_SERVER"}
    source = {
        name
        for path in (REPOSITORY / "launcher").rglob("*.py")
        for name in re.findall(r"\"(LAUNCHER_[A-Z_]+[A-Z])\"", path.read_text())
    }
    assert source - shown == set()


def test_the_defaults_that_are_shown_are_those_that_hold():
    settings = Settings()
    attributes = {
        "poll": settings.poll_s,
        "startWindow": settings.start_window_s,
        "startGrace": settings.start_grace_s,
        "startLimit": settings.start_limit_s,
        "lockStale": settings.lock_stale_s,
    }
    for name, seconds in attributes.items():
        assert seconds_of(GENERAL[name][1] or "") == seconds, name
    assert GENERAL["lang"][1] == settings.language


def test_the_example_of_the_readme_can_be_used(empty):
    blocks = re.findall(r"```yaml\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.DOTALL)
    (example,) = [block for block in blocks if "kind: UserConfig" in block]
    path = a_user_config(empty.directory.parent / "config" / "launcher")
    path.write_text(example)
    (path.parent / "company.pem").write_text("")

    data = told(empty, "--server", "remote", code=1)
    assert data["user_config"]["servers"] == ["old", "remote"]
    assert {item["code"] for item in data["diagnostics"]} == {"L519"}


@pytest.mark.parametrize(
    ("after", "code"),
    [
        (REMOTE.replace("remote", "https://evil.example.com/api"), "L143"),
        (REMOTE + "      url: https://evil.example.com\n", "L120"),
    ],
    ids=["as the name", "beside the name"],
)
@pytest.mark.usefixtures("config")
def test_an_address_in_the_repository_is_refused_before_any_socket(demo, monkeypatch, after, code):
    opened = []

    def refuse(*arguments, **_more):
        opened.append(arguments)
        raise OSError("no socket was to be opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    demo.edit("launcher.yaml", SANDBOX, after)

    for command in (("diff",), ("apply", "--yes"), ("status", "--refresh")):
        result = demo(*command)
        assert result.code == 3, result
        assert code in result.err
        assert "settings" in result.err or "user configuration" in result.err
    assert opened == []
