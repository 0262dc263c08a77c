import subprocess
import sys

import pytest

from launcher.catalogue import texts
from launcher.errors import SurroundingsFailed
from launcher.job.address import Address, Credentials, Door, Identity
from launcher.settings import Settings

REMOTE = {
    "BK_API_URL_TMPL": "https://bkapi.example.com/api/{gateway_name}",
    "BK_APP_CODE": "launcher",
    "BK_APP_SECRET": "app-secret-1",
    "BK_TICKET": "ticket-2",
}
ESB = {"LAUNCHER_DOOR": "esb", "BK_COMPONENT_API_URL": "https://paas.example.com/"}
URL = "https://bkapi.example.com/api/bk-job/prod"


def problems(environ, *, remote=True):
    """Code and variable of each problem, in the order in which they are shown."""

    def read():
        settings = Settings.from_environment(environ)
        return settings.server("remote") if remote else settings

    with pytest.raises(SurroundingsFailed) as caught:
        read()
    for item in caught.value.diagnostics:
        assert texts(item).detail, "the catalogue has words for it"
        assert "secret" not in str(item.facts), "no value of a secret in a message"
    return [(item.code, item.facts.get("variable", "")) for item in caught.value.diagnostics]


def server(**changes):
    return Settings.from_environment(REMOTE | changes).server("remote")


def address(**changes):
    return server(**changes)[0]


def test_without_any_variable_the_defaults_hold_and_nothing_is_missing():
    settings = Settings.from_environment({})

    assert settings == Settings()
    assert (settings.start_window_s, settings.start_grace_s, settings.start_limit_s) == (
        5,
        120,
        600,
    )
    assert (settings.lock_stale_s, settings.poll_s) == (120, 2)
    assert settings.ledger_dir is None
    assert settings.secrets_dir is None
    assert settings.reviewed_digest is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7), ("0.5", 0.5), ("250ms", 0.25), ("30s", 30), ("10m", 600), ("1h", 3600), ("", 2)],
)
def test_a_duration_is_written_in_seconds_or_with_a_unit(text, seconds):
    assert Settings.from_environment({"LAUNCHER_POLL": text}).poll_s == seconds


@pytest.mark.parametrize(
    "text", ["-1", "0", "1d", "ten", "1e3", "٣", "99999999", "25h", "5 m", "1.2.3"]
)
def test_what_is_no_duration_is_refused(text):
    assert problems({"LAUNCHER_POLL": text}, remote=False) == [("L501", "LAUNCHER_POLL")]


def test_a_second_start_may_not_come_near_the_first():
    environ = {"LAUNCHER_START_WINDOW": "2m", "LAUNCHER_START_LIMIT": "1m"}

    assert problems(environ, remote=False) == [("L505", ""), ("L505", "")]


def test_settings_that_contradict_each_other_are_shown_with_their_values():
    with pytest.raises(SurroundingsFailed) as error:
        Settings.from_environment({"LAUNCHER_START_WINDOW": " 2m"})
    (found,) = error.value.diagnostics
    said = texts(found)
    assert said.detail.startswith(
        "LAUNCHER_START_WINDOW (2m) must be shorter than LAUNCHER_START_GRACE (2m, the default): "
    )
    assert said.hint == (
        "Raise LAUNCHER_START_GRACE, lower LAUNCHER_START_WINDOW, or unset both for the defaults:\n"
        "unset LAUNCHER_START_WINDOW LAUNCHER_START_GRACE"
    )


def test_all_problems_are_told_at_once():
    environ = {
        "LAUNCHER_POLL": "x",
        "LAUNCHER_LEDGER_DIR": "relative",
        "LAUNCHER_SECRETS_DIR": "./x",
        "LAUNCHER_REVIEWED_DIGEST": "abc",
    }

    assert sorted(problems(environ, remote=False)) == sorted(("L501", name) for name in environ)


def test_folders_and_the_reviewed_digest_are_taken_as_they_are(tmp_path):
    digest = "v1:sha256:" + "0a" * 32
    settings = Settings.from_environment(
        {
            "LAUNCHER_LEDGER_DIR": str(tmp_path),
            "LAUNCHER_SECRETS_DIR": "/run/secrets",
            "LAUNCHER_REVIEWED_DIGEST": digest,
        }
    )

    assert settings.ledger_dir == tmp_path
    assert str(settings.secrets_dir) == "/run/secrets"
    assert settings.reviewed_digest == digest


def test_a_server_is_where_the_template_says():
    assert server() == (
        Address(URL),
        Credentials("launcher", "app-secret-1", Identity.TICKET, "ticket-2"),
    )


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"LAUNCHER_STAGE": "stag"}, "https://bkapi.example.com/api/bk-job/stag"),
        (
            {"BK_API_URL_TMPL": "https://{gateway_name}.example.com/"},
            "https://bk-job.example.com/prod",
        ),
        ({"BK_API_URL_TMPL": "https://bkapi.example.com/api/{api_name}/"}, URL),
        ({"LAUNCHER_URL": "https://other:8443/x/"}, "https://other:8443/x"),
        ({"LAUNCHER_URL": "https://[::1]/x"}, "https://[::1]/x"),
    ],
)
def test_stage_template_and_url_make_the_address(changes, url):
    assert address(**changes).url == url


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        (ESB, "https://paas.example.com"),
        ({**ESB, "LAUNCHER_URL": "https://esb.example.com/x"}, "https://esb.example.com/x"),
    ],
)
def test_esb_has_an_address_of_its_own_with_two_names(changes, url):
    assert address(**changes) == Address(url, Door.ESB)


def test_the_address_of_esb_says_nothing_about_the_gateway():
    assert address(BK_COMPONENT_API_URL="https://paas.example.com").url == URL
    environ = REMOTE | {"BK_API_URL_TMPL": "", "BK_COMPONENT_API_URL": "https://paas.example.com"}
    assert problems(environ) == [("L500", "")]


def test_the_application_has_the_names_that_the_platform_gives_it_too():
    environ = REMOTE | {"BK_APP_CODE": "", "BK_APP_SECRET": ""}
    environ |= {"BKPAAS_APP_ID": "launcher", "BKPAAS_APP_SECRET": "app-secret-1"}

    assert Settings.from_environment(environ).server("remote") == server()
    assert server(BKPAAS_APP_ID="launcher", BKPAAS_APP_SECRET="app-secret-1") == server()  # noqa: S106 - made up


def test_the_environment_describes_the_server_that_it_names():
    assert server(LAUNCHER_SERVER="remote") == server()


@pytest.mark.parametrize(("text", "language"), [("en", "en"), ("zh-cn", "zh-cn"), ("", "en")])
def test_the_language_is_one_that_job_speaks(text, language):
    assert Settings.from_environment({"LAUNCHER_LANG": text}).language == language


def test_another_language_is_refused():
    assert problems({"LAUNCHER_LANG": "fr"}, remote=False) == [("L501", "LAUNCHER_LANG")]


def test_tenant_door_and_certificates_belong_to_the_address(tmp_path):
    bundle = tmp_path / "ca.pem"
    bundle.write_text("")

    found = address(BK_TENANT_ID="t1", LAUNCHER_DOOR="gateway", LAUNCHER_CA_BUNDLE=str(bundle))

    assert found == Address(URL, Door.GATEWAY, "t1", str(bundle))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"BK_API_URL_TMPL": ""}, ("L500", "")),
        ({"BK_API_URL_TMPL": "https://bkapi.example.com/api"}, ("L501", "BK_API_URL_TMPL")),
        ({"BK_API_URL_TMPL": "ftp://x/{gateway_name}"}, ("L501", "BK_API_URL_TMPL")),
        ({"BK_API_URL_TMPL": "http://x/{gateway_name}"}, ("L502", "BK_API_URL_TMPL")),
        ({"LAUNCHER_URL": "http://127.0.0.1:9/x"}, ("L502", "LAUNCHER_URL")),
        ({"LAUNCHER_URL": "https://u:secret@x/y"}, ("L501", "LAUNCHER_URL")),
        ({"LAUNCHER_URL": "https://x/y?secret=1"}, ("L501", "LAUNCHER_URL")),
        ({"LAUNCHER_URL": "https://x/y#secret"}, ("L501", "LAUNCHER_URL")),
        ({"LAUNCHER_URL": "https://x/api/v3"}, ("L501", "LAUNCHER_URL")),
        ({"LAUNCHER_URL": "https://x/a b"}, ("L501", "LAUNCHER_URL")),
        ({"LAUNCHER_URL": "https://x:99999/"}, ("L501", "LAUNCHER_URL")),
        ({"LAUNCHER_URL": "https://"}, ("L501", "LAUNCHER_URL")),
        ({"LAUNCHER_URL": "https://exämple.com"}, ("L501", "LAUNCHER_URL")),
        ({"LAUNCHER_URL": "https://[::1"}, ("L501", "LAUNCHER_URL")),
        ({"LAUNCHER_URL": "https://x", "LAUNCHER_STAGE": "prod"}, ("L501", "LAUNCHER_STAGE")),
        ({"LAUNCHER_STAGE": "../x"}, ("L501", "LAUNCHER_STAGE")),
        ({"LAUNCHER_DOOR": "back"}, ("L504", "")),
        ({"LAUNCHER_DOOR": "esb"}, ("L548", "BK_API_URL_TMPL")),
        ({"LAUNCHER_DOOR": "esb", "BK_API_URL_TMPL": ""}, ("L500", "")),
        ({**ESB, "LAUNCHER_URL": "https://p/api/c/compapi"}, ("L501", "LAUNCHER_URL")),
        ({**ESB, "LAUNCHER_URL": "https://p/api/c/compapi/v2/"}, ("L501", "LAUNCHER_URL")),
        ({**ESB, "LAUNCHER_STAGE": "prod"}, ("L501", "LAUNCHER_STAGE")),
        ({**ESB, "BK_TENANT_ID": "t1"}, ("L501", "BK_TENANT_ID")),
        ({"BKPAAS_APP_ID": "another"}, ("L509", "")),
        ({"BKPAAS_APP_SECRET": "another-secret"}, ("L509", "")),
        ({"LAUNCHER_SERVER": "other"}, ("L508", "")),
        ({"BK_TENANT_ID": "a\nb"}, ("L501", "BK_TENANT_ID")),
        ({"BK_APP_SECRET": ""}, ("L500", "")),
        ({"BK_TICKET": ""}, ("L503", "")),
        ({"BK_USERNAME": "alice"}, ("L503", "")),
        ({"LAUNCHER_CA_BUNDLE": "/no/such/file"}, ("L506", "")),
        ({"HTTPS_PROXY": "socks5://u:secret@x:1"}, ("L501", "HTTPS_PROXY")),
    ],
)
def test_what_cannot_be_used_is_told_by_the_name_of_its_variable(changes, problem):
    assert problems(REMOTE | changes) == [problem]


def test_everything_that_a_server_lacks_is_told_at_once():
    assert [code for code, _ in problems({})] == ["L500", "L500", "L503"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "[::1]"])
def test_plain_http_is_for_loopback_and_only_when_allowed(host):
    url = f"http://{host}:8000/x"

    assert address(LAUNCHER_URL=url, LAUNCHER_ALLOW_HTTP="1").url == url
    assert problems(REMOTE | {"LAUNCHER_URL": url, "LAUNCHER_ALLOW_HTTP": "yes"}) == [
        ("L502", "LAUNCHER_URL")
    ]


def test_plain_http_elsewhere_is_never_allowed():
    environ = REMOTE | {"LAUNCHER_URL": "http://127.0.0.1.evil.example", "LAUNCHER_ALLOW_HTTP": "1"}

    assert problems(environ) == [("L502", "LAUNCHER_URL")]


@pytest.mark.parametrize(
    ("variable", "identity"),
    [
        ("BK_JOB_ACCESS_TOKEN", Identity.ACCESS_TOKEN),
        ("BK_TICKET", Identity.TICKET),
        ("BK_TOKEN", Identity.TOKEN),
        ("BK_USERNAME", Identity.USERNAME),
    ],
)
def test_each_kind_of_user_credential_is_sent_as_what_it_is(variable, identity):
    environ = {key: value for key, value in REMOTE.items() if key != "BK_TICKET"}

    found = Settings.from_environment(environ | {variable: "proof"}).server("remote")[1]

    assert (found.identity, found.proof) == (identity, "proof")


@pytest.mark.parametrize(
    ("environ", "proxy"),
    [
        ({"HTTPS_PROXY": "http://p:3128"}, "http://p:3128"),
        ({"https_proxy": "p:3128", "HTTPS_PROXY": "http://other"}, "http://p:3128"),
        ({"HTTP_PROXY": "http://p:3128"}, None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "a, bkapi.example.com"}, None),
        ({"HTTPS_PROXY": "http://p", "no_proxy": ".example.com"}, None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "example.com:443"}, None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "example.com:8443"}, "http://p"),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "ample.com,10.0.0.0/8"}, "http://p"),
    ],
)
def test_a_proxy_is_used_unless_the_host_is_exempt(environ, proxy):
    assert address(**environ).proxy == proxy


@pytest.mark.parametrize(
    ("exempt", "proxy"), [("10.0.0.0/8", None), ("10.1.2.3", None), ("10.2.0.0/16", "http://p")]
)
def test_an_address_is_exempt_by_its_network(exempt, proxy):
    found = address(LAUNCHER_URL="https://10.1.2.3/x", HTTPS_PROXY="http://p", NO_PROXY=exempt)

    assert found.proxy == proxy


def test_plain_http_to_loopback_goes_through_no_proxy():
    found = address(
        LAUNCHER_URL="http://127.0.0.1:1/x", LAUNCHER_ALLOW_HTTP="1", HTTPS_PROXY="http://p"
    )

    assert found.proxy is None


def test_printing_settings_shows_no_secret():
    settings = Settings.from_environment(REMOTE | {"HTTPS_PROXY": "http://u:proxy-secret@p"})

    shown = repr((settings, settings.server("remote")))
    assert "secret-" not in shown
    assert "-secret" not in shown
    assert "ticket-2" not in shown


def test_reading_settings_costs_neither_http_nor_pydantic():
    code = (
        "import sys, launcher.settings, launcher.operations.secrets\n"
        "print(sorted({'httpx', 'pydantic'} & set(sys.modules)))"
    )

    done = subprocess.run(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
