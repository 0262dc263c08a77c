"""The server that a workspace names and a user configuration describes, as it is asked."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from launcher.engine.spec import Scope
from launcher.operations.server import connect_server
from launcher.operations.site import find_site
from tests.support.loopback import Loopback, answer, read_request
from tests.support.userconfig import a_user_config
from tests.support.workspaces import WORKSPACE, a_place

REMOTE = WORKSPACE.replace("server: sandbox", "server: remote")


def answering(connection):
    received = read_request(connection)
    connection.sendall(answer(None))
    return received


def asked(tmp_path, environ):
    """The headers of one question to the server of a workspace."""
    with Loopback(answering) as other:
        config = a_user_config(
            tmp_path / "config",
            f"lang: zh-cn\nservers:\n  remote: {{url: '{other.url}', tenant: t1, appCode: file-app, "
            "appSecret: {env: MY_APP_SECRET}, ticket: file-ticket}\n",
        )
        place = a_place(tmp_path / "work", workspace=REMOTE)
        place.environ |= {
            "LAUNCHER_ALLOW_HTTP": "1",
            "LAUNCHER_CONFIG": str(config),
            "MY_APP_SECRET": "file-secret",
        } | environ
        server = connect_server(find_site(place.root, None, place.surroundings), 1)
        try:
            server.read_plan(Scope("biz", "2"), 1000)
        finally:
            server.close()
    (request,) = other.received
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def test_a_server_that_makes_people_wait_is_told_of_once_for_all_calls_that_wait(tmp_path):
    place = a_place(tmp_path)
    remarks = place.remarks
    site = find_site(place.root, None, place.surroundings)
    server = connect_server(site, 1)
    person = server._asker.person
    try:
        person.hear_pause(1)
        assert remarks == []
        for _ in range(3):
            person.hear_pause(30)
            person.hear_silence(10)
        place.clock.sleep(30)
        person.hear_pause(20)
        person.hear_silence(10)
        place.clock.sleep(30)
        person.hear_silence(10)
    finally:
        server.close()

    told = [(item.code, item.facts["host"], item.facts["duration"]) for item in remarks]
    assert told == [
        ("L620", "the sandbox", "30s"),
        ("L622", "the sandbox", "10s"),
        ("L620", "the sandbox", "20s"),
        ("L622", "the sandbox", "10s"),
    ]


def test_what_a_person_wants_is_asked_of_the_surroundings(tmp_path):
    place, ended = a_place(tmp_path), [False]
    site = find_site(place.root, None, replace(place.surroundings, ended=lambda: ended[0]))
    server = connect_server(site, 1)
    person = server._asker.person
    try:
        assert (person.to_stop(), person.to_end()) == (False, False)
        place.signal, ended[0] = 2, True
        assert (person.to_stop(), person.to_end()) == (True, True)
    finally:
        server.close()


@pytest.mark.parametrize(("environ", "language"), [({}, "zh-cn"), ({"LAUNCHER_LANG": "en"}, "en")])
def test_what_the_file_says_is_what_is_sent(tmp_path, environ, language):
    headers = asked(tmp_path, environ | {"BK_TOKEN": "env-token", "BK_APP_SECRET": "env-secret"})

    assert json.loads(headers["x-bkapi-authorization"]) == {
        "bk_app_code": "file-app",
        "bk_app_secret": "file-secret",
        "bk_ticket": "file-ticket",
    }
    assert (headers["x-bk-tenant-id"], headers["blueking-language"]) == ("t1", language)
