"""Secrets go through every command and every failing path, and are found nowhere afterwards."""

from __future__ import annotations

import base64
import json
import urllib.parse

import click
import pytest

from launcher.cli.app import ENTRIES
from launcher.sandbox.server import serve
from tests.support.canary import (
    CANARIES,
    CORES,
    Aviary,
    Parrot,
    Served,
    echo,
    found_in,
    requests_of,
)
from tests.support.command_line import quick_world

_WHY = ("--reason", "because")

SCENARIOS: dict[str, list[list[str]]] = {
    # In this order: each command finds what those before it left. "sandbox serve" serves them all.
    "sandbox serve": [["--port", "0", "--world", "quick-world.yaml", "--state", "server.sqlite"]],
    "sandbox openapi": [[]],
    "init": [["--yes"], ["inner", "--yes"]],
    "import": [["1001", "-e", "live", "--out", "spare"], ["*", "-e", "live", "--stdout"]],
    "validate": [[], ["--online", "-e", "live"], ["--online", "-e", "live", "-o", "json"]],
    "pin": [["by-env", "-e", "live"], ["by-env", "-e", "live", "--remove"]],
    "fmt": [[], ["--check"]],
    "render": [[], ["-o", "json"]],
    "schema": [["--check"], ["schemas"], ["--plan", "1000", "-e", "live"]],
    "explain": [["L510"], []],
    "config show": [[], ["-o", "json"]],
    "doctor": [[], ["-o", "json"]],
    "ledger init": [["-e", "live"]],
    "diff": [[], ["-o", "json"], ["--offline"], ["--save", "changes.json"]],
    "launch": [["by-env", "--yes", *_WHY], ["by-file", "--yes", *_WHY, "-o", "jsonl"]],
    "apply": [["--yes"], ["--yes", "-o", "jsonl"], ["--refresh-only"]],
    "watch": [[], ["-o", "jsonl"]],
    "status": [[], ["-o", "json"], ["by-env"], ["by-env", "-o", "json"]],
    "why": [["by-env"], ["by-file", "-o", "json"]],
    "logs": [["by-env"], ["by-env", "-o", "json"], ["by-file", "-o", "jsonl"]],
    "resolve": [["by-env"], ["by-env", "-o", "json"]],
    "retry": [["by-env", "--yes", *_WHY], ["by-env", "--yes", *_WHY, "-o", "jsonl"]],
    "cancel": [["by-env", *_WHY], ["by-env", *_WHY, "-o", "json"]],
    "confirm": [["by-env", "--continue", *_WHY], ["by-env", "--continue", *_WHY, "-o", "json"]],
    "adopt": [["by-env", "--instance", "20000000001", *_WHY]],
    "waive": [["by-file", *_WHY]],
    "lock show": [[]],
    "lock sync": [[]],
    "lock verify": [[]],
    "ledger rebind": [[*_WHY]],
    "ledger restore": [["--from-lockfile", *_WHY]],
    "unlock": [[*_WHY]],
}
"""Words of a command → its command lines. A command without any fails the first test below."""


def _commands() -> set[str]:
    """The words of every command that there is."""
    found = set()
    for name, entry in ENTRIES.items():
        command = entry.load()
        if isinstance(command, click.Group):
            found |= {f"{name} {inner}" for inner in command.commands}
        else:
            found.add(name)
    return found


def test_no_command_is_without_a_scenario():
    assert set(SCENARIOS) == _commands()


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(str, id="as it is"),
        pytest.param(json.dumps, id="as JSON"),
        pytest.param(lambda text: json.dumps(json.dumps({"a": text})), id="as JSON in JSON"),
        pytest.param(urllib.parse.quote_plus, id="as in URLs"),
        pytest.param(repr, id="as Python"),
        *(
            pytest.param(
                lambda text, before=before: base64.b64encode(
                    b"y" * before + text.encode() + b"z"
                ).decode(),
                id=f"in base64 after {before}",
            )
            for before in range(4)
        ),
    ],
)
def test_the_search_knows_a_canary_however_it_is_written(written):
    for name, value in CANARIES.items():
        found = found_in(f"… {written(value)} …".encode())
        assert len(found) == (2 if name == "file" else 1), name
    assert found_in(b"nothing of it") == []


@pytest.fixture
def aviary(tmp_path):
    return Aviary(tmp_path / "aviary", "http://127.0.0.1:1").settle()


@pytest.fixture
def served(aviary):
    (line,) = SCENARIOS["sandbox serve"]
    server = Served.start(aviary, "sandbox", "serve", *line)
    aviary.url = server.url
    yield aviary
    assert found_in(server.stop()) == []
    assert aviary.leaks() == []


def _secret_of(record):
    """What the access log shows as the value of the cipher."""
    sent = record["params"]["global_var_list"]
    return next(item["value"] for item in sent if item["name"] == "db_password")


def test_every_command_keeps_secrets_to_itself(served):
    """What is left behind is searched when the server has ended."""
    codes: dict[str, set[int]] = {}
    for words, lines in SCENARIOS.items():
        for line in lines if words != "sandbox serve" else ():
            codes.setdefault(words, set()).add(served(*words.split(), *line))
            assert "has met a bug" not in served.latest()
    assert codes["launch"] == {0}, served.told
    launched = [log for log in requests_of(served.url) if log["operation"] == "execute_job_plan"]
    carried = [_secret_of(item) for item in launched if item["code"] == 0]
    assert carried == ["******"] * len(carried)
    assert len(carried) >= 2
    assert found_in(json.dumps(requests_of(served.url)).encode()) == []


def _refusal(text, code=1241005):
    return json.dumps({"code": code, "result": False, "message": text}).encode()


def _late(text):
    """So that the cut to what anybody would read leaves only the beginning of the last secret."""
    place, core = max((text.rindex(core), core) for core in CORES.values() if core in text)
    return _refusal("x" * (2000 - len(core) - place) + text)


_JSON, _TEXT = "application/json", "text/plain"
_DENIED = {
    "system_id": "bk_job",
    "actions": [{"id": "launch_job_plan", "related_resource_types": []}],
}
_ANSWERS = {
    "refused": echo("200 OK", _JSON, _refusal),
    "refused, its message cut within a secret": echo("200 OK", _JSON, _late),
    "refused in base64": echo(
        "200 OK", _JSON, lambda _: _refusal(base64.b64encode(CANARIES["env"].encode()).decode())
    ),
    "refused as in URLs": echo("200 OK", _JSON, lambda text: _refusal(urllib.parse.quote(text))),
    "trouble inside": echo("200 OK", _JSON, lambda text: _refusal(text, 1240002)),
    "denied": echo(
        "200 OK",
        _JSON,
        lambda text: json.dumps(
            {
                "code": 9900403,
                "result": False,
                "message": text,
                "permission": {**_DENIED, "actions": [{"id": text}]},
            }
        ).encode(),
    ),
    "not an envelope": echo("200 OK", _JSON, lambda text: json.dumps({text: text}).encode()),
    "data of a wrong shape": echo(
        "200 OK",
        _JSON,
        lambda text: json.dumps(
            {"code": 0, "result": True, "data": {"job_instance_id": text}}
        ).encode(),
    ),
    "a request id that says it": echo(
        "200 OK",
        _JSON,
        lambda text: json.dumps(
            {"code": 1241005, "result": False, "job_request_id": text, "message": "no"}
        ).encode(),
    ),
    "no JSON": echo("200 OK", _TEXT, str.encode),
    "401": echo("401 Unauthorized", _JSON, lambda text: json.dumps({"message": text}).encode()),
    "403": echo("403 Forbidden", _JSON, lambda text: json.dumps({"message": text}).encode()),
    "429": echo("429 Too Many", _JSON, lambda text: json.dumps({"message": text}).encode()),
    "500": echo("500 Oh", _TEXT, str.encode),
    "502 in JSON": echo("502 Oh", _JSON, lambda text: json.dumps({"message": text}).encode()),
    "a redirect": echo(
        "302 Found",
        _TEXT,
        lambda _: b"",
        f"Location: http://127.0.0.1:1/?token={urllib.parse.quote(CANARIES['user'])}",
    ),
    "lost": lambda _: b"",
    "broken off": lambda request: b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + request,
}
"""What a server makes of a launch, on its bad days."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with serve(quick_world(tmp_path_factory.mktemp("world"))) as server:
        yield server.url


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        pytest.param(("by-env", "by-file")[place % 2], answer, id=title)
        for place, (title, answer) in enumerate(_ANSWERS.items())
    ],
)
def test_an_answer_that_says_secrets_back_tells_nobody(aviary, sandbox, answer, name):
    with Parrot(sandbox, answer) as parrot:
        aviary.url = parrot.url
        form = ("-o", "jsonl") if name == "by-env" else ()
        code = aviary("launch", name, "--yes", *_WHY, "-e", "plain", *form)
        assert code in {1, 5, 6}, aviary.latest()
        aviary("status", "-e", "plain", "-o", "json")
    # The search is worth something only if the secrets really went through.
    assert parrot.heard
    core = CORES["a secret variable by env" if name == "by-env" else "a secret variable by file"]
    for sent in (core, CORES["the app's secret"], CORES["the user's token"]):
        assert all(sent.encode() in heard for heard in parrot.heard)
    assert aviary.leaks() == []


@pytest.mark.parametrize("answer", ["401", "500", "refused"])
def test_a_gateway_that_says_credentials_back_to_a_look_tells_nobody(aviary, sandbox, answer):
    with Parrot(sandbox, _ANSWERS[answer], always=True) as parrot:
        aviary.url = parrot.url
        act = ("adopt", "by-env", "--instance", "20000000001")
        assert aviary(*act, *_WHY, "-e", "plain") not in {0, 70}, aviary.latest()
        aviary("launch", "by-env", "--yes", *_WHY, "-e", "plain", "-o", "jsonl")
    assert any(CORES["the user's token"].encode() in request for request in parrot.heard)
    assert aviary.leaks() == []


_BUG = """
import launcher.operations.secrets as secrets
import launcher.operations.apply as apply
def broken(references, settings):
    found = secrets.read_secrets(references, settings)
    raise RuntimeError(f"{found} {list(found.values())[0]} {settings._environ}")
apply.read_secrets = broken
"""


def _wrong_type(aviary):
    aviary.manifest("by-env", "env: DB_PASSWORD", **{"db_password:": "release_channel:"})


def _malformed(aviary):
    aviary.manifest("by-env", "env: DB_PASSWORD, value: 1")


def _unreadable(aviary):
    aviary.manifest("by-env", "env: DB_PASSWORD}}} [")


def _damaged(aviary):
    assert aviary("launch", "by-file", "--yes", *_WHY, "-e", "plain") == 0
    ledger = aviary.workspace / ".launcher/ledger/plain.jsonl"
    ledger.write_text(ledger.read_text().replace("succeeded", "failed"))


_FAILURES = {
    "a secret for a variable that is no cipher": (_wrong_type, {}, {}, {4}),
    "a malformed reference": (_malformed, {}, {}, {3}),
    "a manifest that is no YAML": (_unreadable, {}, {}, {3}),
    "a damaged ledger": (_damaged, {}, {}, {4}),
    "another secret is missing": (None, {}, {"LAUNCHER_SECRET_DB_PASSWORD": None}, {1}),
    "no folder of secrets": (None, {}, {"LAUNCHER_SECRETS_DIR": None}, {1}),
    "credentials that contradict each other": (None, {}, {"BK_TICKET": CANARIES["user"]}, {1}),
    "a server that is not there": (None, {}, {"LAUNCHER_URL": "http://127.0.0.1:1"}, {1, 4, 5, 6}),
    "a bug": (None, {"code": _BUG}, {}, {70}),
}


@pytest.mark.parametrize("failure", _FAILURES.values(), ids=list(_FAILURES))
def test_a_failing_path_keeps_secrets_to_itself(aviary, sandbox, failure):
    prepare, how, around, codes = failure
    aviary.url = sandbox
    if prepare is not None:
        prepare(aviary)
    found = {
        aviary("launch", name, "--yes", *_WHY, "-e", "plain", *form, **how, **around)
        for name, form in (("by-env", ()), ("by-file", ("-o", "jsonl")))
    }
    assert found & codes, aviary.told
    assert aviary.leaks() == []
