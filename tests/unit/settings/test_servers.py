"""Which server a name means; and that the credentials of one never go to the address of another."""

from __future__ import annotations

import itertools

import pytest

from launcher.catalogue import texts
from launcher.errors import SurroundingsFailed
from launcher.job.address import Address, Credentials, Door, Identity
from launcher.settings import Settings
from launcher.settings.servers import VARIABLES
from tests.support.userconfig import a_user_config

OF_ENVIRONMENT = {
    "LAUNCHER_URL": "https://env.example.com/x",
    "BK_APP_CODE": "env-app",
    "BK_APP_SECRET": "env-secret",
    "BK_TOKEN": "env-token",
}
FROM_ENVIRONMENT = (
    Address("https://env.example.com/x"),
    Credentials("env-app", "env-secret", Identity.TOKEN, "env-token"),
)
REMOTE = (
    Address("https://bkapi.example.com/api/bk-job/prod"),
    Credentials("file-app", "file-secret", Identity.TICKET, "file-ticket-2"),
)
OLD = (
    Address("https://paas.example.com", Door.ESB),
    Credentials("old-app", "old-secret", Identity.USERNAME, "admin"),
)


@pytest.fixture
def environ(tmp_path):
    """An environment with a user configuration and what it refers to."""
    path = a_user_config(tmp_path)
    (tmp_path / "old-secret").write_text("old-secret\n")
    return {
        "LAUNCHER_CONFIG": str(path),
        "MY_APP_SECRET": "file-secret",
        "HOME": str(tmp_path / "home"),
    }


def configured(tmp_path, spec):
    return {"LAUNCHER_CONFIG": str(a_user_config(tmp_path, f"servers:\n  remote: {spec}\n"))}


def problems(environ, name="remote"):
    with pytest.raises(SurroundingsFailed) as caught:
        Settings.from_environment(environ).server(name)
    for item in caught.value.diagnostics:
        said = texts(item)
        assert not {"secret-", "-secret", "hunter2"} & set(f"{said.detail} {said.hint}".split())
    return [
        (item.code, item.place.span.line if item.place and item.place.span else None)
        for item in caught.value.diagnostics
    ]


def test_a_name_means_the_server_of_that_name(environ):
    settings = Settings.from_environment(environ)

    assert settings.server("remote") == REMOTE
    assert settings.server("old") == OLD


def test_an_address_in_the_environment_describes_whichever_server_is_asked_for(environ):
    settings = Settings.from_environment(environ | OF_ENVIRONMENT)

    assert settings.server("remote") == FROM_ENVIRONMENT
    assert settings.server("old") == FROM_ENVIRONMENT
    assert settings.server("elsewhere") == FROM_ENVIRONMENT


def test_the_environment_describes_no_more_than_the_server_that_it_names(environ):
    settings = Settings.from_environment(environ | OF_ENVIRONMENT | {"LAUNCHER_SERVER": "old"})

    assert settings.server("remote") == REMOTE
    assert settings.server("old") == FROM_ENVIRONMENT


@pytest.mark.parametrize("count", range(5))
def test_address_and_credentials_are_never_mixed(environ, count):
    """Whichever part of the environment is there: one source whole, or nothing at all."""
    for names in itertools.combinations(OF_ENVIRONMENT, count):
        given = environ | {name: OF_ENVIRONMENT[name] for name in names}
        try:
            found = Settings.from_environment(given).server("remote")
        except SurroundingsFailed:
            assert "LAUNCHER_URL" in names
        else:
            assert found == (FROM_ENVIRONMENT if len(names) == 4 else REMOTE), names


def test_credentials_of_the_file_do_not_complete_an_address_of_the_environment(environ):
    given = environ | {"LAUNCHER_URL": "https://env.example.com/x"}

    assert problems(given) == [("L500", None), ("L503", None)]
    with pytest.raises(SurroundingsFailed) as caught:
        Settings.from_environment(given).server("remote")
    assert "unset the address" in str(texts(caught.value.diagnostics[0]).hint)


def test_credentials_of_the_environment_do_not_complete_a_server_of_the_file(tmp_path):
    environ = configured(tmp_path, "{url: 'https://x', appCode: a}")

    assert problems(environ | OF_ENVIRONMENT | {"LAUNCHER_URL": ""}) == [
        ("L500", None),
        ("L503", None),
    ]


def test_a_tenant_of_the_environment_is_not_sent_to_a_server_of_the_file(environ):
    assert Settings.from_environment(environ | {"BK_TENANT_ID": "t9"}).server("remote") == REMOTE


@pytest.mark.parametrize(
    "variable",
    [("LAUNCHER_STAGE", "stag"), ("LAUNCHER_DOOR", "esb"), ("LAUNCHER_SERVER", "remote")],
)
def test_half_a_server_in_the_environment_is_refused(environ, variable):
    assert problems(environ | dict([variable])) == [("L507", None)]


def test_stage_and_door_of_another_server_are_none_of_this_one(environ):
    given = environ | OF_ENVIRONMENT | {"LAUNCHER_SERVER": "other", "LAUNCHER_DOOR": "esb"}

    assert Settings.from_environment(given).server("remote") == REMOTE


def test_a_name_that_nothing_describes_is_told_with_the_nearest(environ):
    assert problems(environ, "remot") == [("L508", None)]
    with pytest.raises(SurroundingsFailed) as caught:
        Settings.from_environment(environ).server("remot")
    assert "`remote`" in str(texts(caught.value.diagnostics[0]).hint)


def test_tenant_certificates_proxy_and_stage_are_those_of_the_file(tmp_path):
    (tmp_path / "ca.pem").write_text("")
    environ = configured(
        tmp_path,
        "{urlTemplate: 'https://{api_name}.example.com', stage: stag, tenant: t1, caBundle: ca.pem, "
        "proxy: 'p:3128', appCode: a, appSecret: b, accessToken: c}",
    )

    assert Settings.from_environment(environ).server("remote") == (
        Address(
            "https://bk-job.example.com/stag",
            Door.GATEWAY,
            "t1",
            str(tmp_path / "ca.pem"),
            "http://p:3128",
        ),
        Credentials("a", "b", Identity.ACCESS_TOKEN, "c"),
    )


def test_certificates_and_proxy_of_the_environment_hold_for_servers_of_the_file(tmp_path):
    bundle = tmp_path / "other.pem"
    bundle.write_text("")
    environ = configured(
        tmp_path,
        "{url: 'https://x', caBundle: ca.pem, proxy: 'http://p', appCode: a, appSecret: b, token: c}",
    )
    environ |= {"LAUNCHER_CA_BUNDLE": str(bundle), "HTTPS_PROXY": "http://other"}

    address, _ = Settings.from_environment(environ).server("remote")
    assert (address.ca_bundle, address.proxy) == (str(bundle), "http://other")
    address, _ = Settings.from_environment(environ | {"NO_PROXY": "x"}).server("remote")
    assert address.proxy is None


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ("url: https://x\n    urlTemplate: https://x/{gateway_name}", ("L501", 7)),
        ("url: https://x\n    stage: prod", ("L501", 7)),
        ("url: http://x", ("L502", 6)),
        ("url: https://u:hunter2@x", ("L501", 6)),
        ("url: https://x/api/v3", ("L501", 6)),
        ("urlTemplate: https://x", ("L501", 6)),
        ("urlTemplate: 'https://{gateway_name}'\n    stage: a/b", ("L501", 7)),
        ("door: esb\n    urlTemplate: 'https://{gateway_name}'", ("L548", 7)),
        ("door: esb\n    url: https://x/api/c/compapi/", ("L501", 7)),
        ("door: esb\n    url: https://x\n    tenant: t1", ("L501", 8)),
        ("url: https://x\n    tenant: a b", ("L501", 7)),
        ("url: https://x\n    caBundle: none.pem", ("L506", 7)),
        ("url: https://x\n    proxy: socks5://u:hunter2@x", ("L501", 7)),
        ("door: gateway", ("L500", None)),
    ],
)
def test_what_cannot_be_used_is_told_at_its_line(tmp_path, spec, problem):
    rest = "    appCode: a\n    appSecret: hunter2\n    username: admin\n"
    path = a_user_config(tmp_path, f"servers:\n  remote:\n    {spec}\n{rest}")

    assert problems({"LAUNCHER_CONFIG": str(path)}) == [problem]


@pytest.mark.parametrize(
    ("reference", "content"),
    [
        ("{env: NOT_SET}", None),
        ("{env: EMPTY}", None),
        ("{file: secret}", None),
        ("{file: secret}", b""),
        ("{file: secret}", b"\n"),
        ("{file: secret}", b"\xff"),
        ("{file: .}", None),
        ("{file: ~/secret}", None),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_at_its_line(tmp_path, reference, content):
    environ = configured(
        tmp_path, f"{{url: 'https://x', appCode: a, token: b, appSecret: {reference}}}"
    )
    if content is not None:
        (tmp_path / "secret").write_bytes(content)

    assert problems(environ | {"EMPTY": "", "HOME": str(tmp_path / "home")}) == [("L519", 5)]


@pytest.mark.parametrize("path", ["secret", "~/secret", "absolute"])
def test_a_secret_is_read_from_where_the_reference_leads(tmp_path, path):
    file = tmp_path / ("home/secret" if path.startswith("~") else "secret")
    file.parent.mkdir(exist_ok=True)
    file.write_text("from-a-file\r\n")
    written = str(file) if path == "absolute" else path
    environ = configured(
        tmp_path, f"{{url: 'https://x', appCode: a, token: b, appSecret: {{file: {written}}}}}"
    )

    found = Settings.from_environment(environ | {"HOME": str(tmp_path / "home")})
    assert found.server("remote")[1].app_secret == "from-a-file"  # noqa: S105 - made up


def test_exactly_one_user_asks(tmp_path):
    environ = configured(
        tmp_path, "{url: 'https://x', appCode: a, appSecret: b, token: c, ticket: d}"
    )

    assert problems(environ) == [("L503", None)]


def test_the_variables_are_a_table_with_a_field_for_each():
    from launcher.model.userconfig import Server  # noqa: PLC0415 - the models are only for this

    fields = {item.alias for item in Server.model_fields.values()}
    assert fields - set(VARIABLES) == {"caBundle", "proxy"}
    assert set(VARIABLES) <= fields


def test_printing_shows_no_secret(environ):
    settings = Settings.from_environment(environ)
    _ = settings.user.content

    assert "file-ticket-2" not in repr((settings, settings.user.content, settings.server("remote")))


_CREDENTIALS = "appCode: a, token: c"


@pytest.mark.parametrize("way", ["LAUNCHER_CA_BUNDLE", "a relative path", "caBundle", "by a link"])
def test_certificates_in_the_repository_are_not_trusted(tmp_path, monkeypatch, way):
    checkout, own = tmp_path / "checkout", tmp_path / "own"
    checkout.mkdir()
    own.mkdir()
    bundle = own / "real.pem" if way == "by a link" else checkout / "ca.pem"
    bundle.write_text("")
    if way == "by a link":
        # Where it leads is outside again, and a pull request chooses where.
        (checkout / "ca.pem").symlink_to(bundle)
    monkeypatch.chdir(checkout)
    named = {"LAUNCHER_CA_BUNDLE": str(checkout / "ca.pem"), "a relative path": "ca.pem"}.get(way)
    of_file = "" if named else "caBundle: ../checkout/ca.pem, "
    environ = configured(own, f"{{url: 'https://x', {of_file}appSecret: b, {_CREDENTIALS}}}")
    environ |= {"LAUNCHER_CA_BUNDLE": named} if named else {}

    with pytest.raises(SurroundingsFailed) as raised:
        Settings.from_environment(environ, (checkout,)).server("remote")
    assert [item.code for item in raised.value.diagnostics] == ["L506"]
    assert Settings.from_environment(environ, (tmp_path / "third",)).server("remote")


def test_certificates_in_the_repository_are_not_trusted_beside_an_address_of_the_environment(
    tmp_path,
):
    (tmp_path / "ca.pem").write_text("")
    environ = {"LAUNCHER_URL": "https://x", "BK_APP_CODE": "a", "BK_APP_SECRET": "b"}
    environ |= {"BK_TOKEN": "c", "HOME": "/", "LAUNCHER_CA_BUNDLE": str(tmp_path / "ca.pem")}

    with pytest.raises(SurroundingsFailed) as raised:
        Settings.from_environment(environ, (tmp_path,)).server("remote")
    assert [item.code for item in raised.value.diagnostics] == ["L506"]


@pytest.mark.parametrize("way", ["itself", "inside", "by a link", "through a link"])
def test_the_folder_of_secrets_may_not_lie_in_the_repository(tmp_path, way):
    checkout, own = tmp_path / "checkout", tmp_path / "own"
    (checkout / "secrets").mkdir(parents=True)
    (own / "secrets").mkdir(parents=True)
    (checkout / "link").symlink_to(own)
    (own / "link").symlink_to(checkout)
    folder = {
        "itself": checkout,
        "inside": checkout / "secrets",
        "by a link": own / "link",
        "through a link": checkout / "link" / "secrets",
    }[way]
    environ = {"HOME": "/", "LAUNCHER_SECRETS_DIR": str(folder)}

    with pytest.raises(SurroundingsFailed) as raised:
        Settings.from_environment(environ, (checkout,))
    (said,) = raised.value.diagnostics
    assert (said.code, said.facts["variable"]) == ("L501", "LAUNCHER_SECRETS_DIR")
    assert Settings.from_environment(environ, (tmp_path / "third",)).secrets_dir == folder
    environ["LAUNCHER_SECRETS_DIR"] = str(own / "secrets")
    assert Settings.from_environment(environ, (checkout,)).secrets_dir == own / "secrets"


def test_a_secret_in_the_repository_is_not_sent(tmp_path):
    checkout, own = tmp_path / "checkout", tmp_path / "own"
    checkout.mkdir()
    (checkout / "secret").write_text("hunter2\n")
    reference = "appSecret: {file: ../checkout/secret}"
    environ = configured(own, f"{{url: 'https://x', {reference}, {_CREDENTIALS}}}")

    with pytest.raises(SurroundingsFailed) as raised:
        Settings.from_environment(environ, (checkout,)).server("remote")
    assert [item.code for item in raised.value.diagnostics] == ["L519"]
    assert Settings.from_environment(environ, (tmp_path / "third",)).server("remote")
