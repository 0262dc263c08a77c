"""The server that a workspace names and a user configuration describes, as it is asked."""

from __future__ import annotations

import json

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


@pytest.mark.parametrize(("environ", "language"), [({}, "zh-cn"), ({"LAUNCHER_LANG": "en"}, "en")])
def test_what_the_file_says_is_what_is_sent(tmp_path, environ, language):
    headers = asked(tmp_path, environ | {"BK_TOKEN": "env-token", "BK_APP_SECRET": "env-secret"})

    assert json.loads(headers["x-bkapi-authorization"]) == {
        "bk_app_code": "file-app",
        "bk_app_secret": "file-secret",
        "bk_ticket": "file-ticket",
    }
    assert (headers["x-bk-tenant-id"], headers["blueking-language"]) == ("t1", language)
