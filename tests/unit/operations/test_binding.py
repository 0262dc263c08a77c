"""A server that is not the one of the ledger: what is different, and what to look at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from launcher.catalogue import texts
from launcher.engine.fold import fold
from launcher.engine.recorded import Recorded
from launcher.job.address import Address, Door, fingerprint_of, fingerprint_of_world
from launcher.ledger.restore import rebinding
from launcher.operations.binding import find_other_server
from launcher.operations.server import open_sandbox
from launcher.operations.site import find_site
from tests.support.ledgers import bound, created, events_of
from tests.support.userconfig import SERVERS, a_user_config
from tests.support.workspaces import WORKSPACE, a_place

REMOTE = WORKSPACE.replace("server: sandbox", "server: remote")
CREDENTIALS = {"BK_APP_CODE": "app", "BK_APP_SECRET": "s", "BK_USERNAME": "admin"}
GATEWAY = {"BK_API_URL_TMPL": "https://bkapi.example.com/api/{gateway_name}", **CREDENTIALS}
PROD = Address("https://bkapi.example.com/api/bk-job/prod")
ESB = Address("https://paas.example.com", Door.ESB)


def recorded_at(*servers: str) -> Recorded:
    first, *later = servers
    drafts = [draft for server in later for draft in rebinding(server, "moved")]
    return fold(Recorded(), events_of(created(), bound(server=first), *drafts))


def told(tmp_path, recorded, *, environ=None, workspace=REMOTE, config=None):
    """The diagnostic's words, for the server that workspace and `environ` come to."""
    place = a_place(tmp_path / "work", workspace=workspace)
    place.environ |= environ or {}
    if config is not None:
        place.environ["LAUNCHER_CONFIG"] = str(a_user_config(tmp_path / "config", config))
    site = find_site(place.root, None, place.surroundings)
    if site.environment.is_sandbox:
        transport = open_sandbox(site)
        here = fingerprint_of_world(transport.world_id)
        transport.close()
    else:
        here = fingerprint_of(site.settings.server("remote")[0])
    found = find_other_server(site, recorded, here)
    if not found:
        return None
    assert [item.code for item in found] == ["L435"]
    said = texts(found[0])
    assert "sha256:" not in said.detail + (said.hint or "")
    return said


@pytest.mark.parametrize(
    ("ledger", "environ", "words", "settings"),
    [
        (
            PROD,
            {"LAUNCHER_DOOR": "esb", "LAUNCHER_URL": PROD.url, **CREDENTIALS},
            "What differs is the door: the ledger's has `gateway`, this has `esb`.",
            "LAUNCHER_DOOR",
        ),
        (
            replace(PROD, url="https://bkapi.example.com/api/bk-job/stag"),
            GATEWAY,
            "What differs is the stage: the ledger's has `stag`, this has `prod`.",
            "LAUNCHER_STAGE",
        ),
        (
            PROD,
            {**GATEWAY, "BK_TENANT_ID": "t1"},
            "What differs is the tenant: the ledger's has none, this has `t1`.",
            "BK_TENANT_ID",
        ),
        (
            replace(PROD, tenant="system"),
            {**GATEWAY, "LAUNCHER_STAGE": "mine"},
            (
                "What differs is the stage: the ledger's has `prod`, this has `mine`; and the tenant: the "
                "ledger's has `system`, this has none."
            ),
            "LAUNCHER_STAGE, BK_TENANT_ID",
        ),
        (
            ESB,
            {**GATEWAY, "BK_COMPONENT_API_URL": ESB.url},
            (
                "The ledger's is https://paas.example.com, door `esb`, no tenant: what variables of the "
                "environment describe with the door `esb`."
            ),
            "LAUNCHER_DOOR",
        ),
    ],
    ids=["door", "stage", "tenant", "stage and tenant", "the other door's address"],
)
def test_the_part_that_differs_is_named_with_its_setting_and_a_rebind_comes_last(
    tmp_path, ledger, environ, words, settings
):
    said = told(tmp_path, recorded_at(fingerprint_of(ledger)), environ=environ)

    assert said.detail.endswith(words)
    assert said.hint.splitlines() == [
        f"Change this back: {settings}. It comes from:",
        "launcher config show -e sandbox",
        "Only if the same JOB has moved here:",
        "launcher ledger rebind -e sandbox --reason TEXT",
    ]


@pytest.mark.parametrize(
    ("environ", "settings"),
    [
        (GATEWAY, "LAUNCHER_DOOR, LAUNCHER_STAGE, BK_TENANT_ID, BK_API_URL_TMPL"),
        ({**CREDENTIALS, "LAUNCHER_URL": PROD.url}, "LAUNCHER_DOOR, LAUNCHER_URL, BK_TENANT_ID"),
    ],
    ids=["template", "whole"],
)
def test_what_cannot_be_told_apart_is_a_matter_of_all_settings(tmp_path, environ, settings):
    elsewhere = Address("https://elsewhere.example.com/api/bk-job/prod")
    said = told(tmp_path, recorded_at(fingerprint_of(elsewhere)), environ=environ)

    assert said.detail.endswith("the address differs, or several of them do.")
    assert said.hint.splitlines()[0] == (
        f"One of these was different when the ledger was bound: {settings}. They come from:"
    )
    assert said.hint.splitlines()[-1] == "launcher ledger rebind -e sandbox --reason TEXT"


def test_a_field_of_the_user_configuration_is_named_as_it_is_called_there(tmp_path):
    config = SERVERS.replace("ticket: file-ticket-2", "ticket: file-ticket-2\n    tenant: t1")
    said = told(
        tmp_path,
        recorded_at(fingerprint_of(PROD)),
        environ={"MY_APP_SECRET": "secret"},
        config=config,
    )

    assert "the tenant: the ledger's has none, this has `t1`" in said.detail
    assert said.hint.startswith("Change this back: spec.servers.remote.tenant.")


def test_variables_in_the_place_of_the_user_configuration_are_found_out(tmp_path):
    environ = {**CREDENTIALS, "LAUNCHER_URL": "https://other.example.com/job"}
    said = told(tmp_path, recorded_at(fingerprint_of(PROD)), environ=environ, config=SERVERS)

    assert "in whose place variables of the environment count" in said.detail
    assert said.hint.startswith("Change this back: LAUNCHER_URL.")


def test_another_server_of_the_user_configuration_is_found_out(tmp_path):
    environ = {"MY_APP_SECRET": "secret"}
    said = told(tmp_path, recorded_at(fingerprint_of(ESB)), environ=environ, config=SERVERS)

    assert "the server `old` of the user configuration, and launcher.yaml names `remote`" in (
        said.detail
    )
    assert said.hint.startswith("Name that server again in launcher.yaml")


def test_a_workspace_that_has_left_its_sandbox_is_found_out(tmp_path):
    place = a_place(tmp_path / "work")
    sandbox = open_sandbox(find_site(place.root, None, place.surroundings))
    sandbox.close()
    recorded = recorded_at(fingerprint_of_world(sandbox.world_id))

    assert told(tmp_path, recorded, workspace=WORKSPACE) is None
    said = told(tmp_path, recorded, environ=GATEWAY)
    assert "is the sandbox of this workspace, and launcher.yaml names the server `remote`" in (
        said.detail
    )


def test_a_sandbox_that_was_made_anew_says_so(tmp_path):
    said = told(tmp_path, recorded_at("sha256:of-old"), workspace=WORKSPACE)

    assert "another world of the sandbox, which is gone since this one was made" in said.detail
    assert said.hint.splitlines()[-1] == "launcher ledger rebind -e sandbox --reason TEXT"


def test_after_a_rebind_only_the_new_server_will_do(tmp_path):
    moved = recorded_at("sha256:old", fingerprint_of(PROD))

    assert told(tmp_path, moved, environ=GATEWAY) is None
    assert told(tmp_path, moved, environ={**GATEWAY, "LAUNCHER_STAGE": "stag"}) is not None


def test_a_ledger_that_is_not_bound_yet_takes_any_server(tmp_path):
    assert told(tmp_path, fold(Recorded(), events_of(created())), environ=GATEWAY) is None
