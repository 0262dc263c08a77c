"""What a diagnostic tells people to do."""

import pytest

from launcher.catalogue import texts
from launcher.errors import InvalidManifests
from launcher.manifest.load import load_bytes, load_workspace_bytes

HEAD = "apiVersion: launcher/v1\nkind: PlanLaunch\nmetadata: {name: web}\n"
WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {name: payments}
spec:
  defaultEnvironment: a
  environments:
    a: {server: remote, scope: {type: biz, id: "2"}, %s}
"""


def window(days: str = "[mon]", start: str = "10:00", end: str = "17:00", zone: str = "UTC") -> str:
    return f"guards: {{windows: [{{days: {days}, from: {start}, to: {end}, timezone: {zone}}}]}}"


def hints(text: str) -> list[str | None]:
    return [texts(item).hint for item in load_bytes("case.yaml", text.encode())[1]]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("{vars: {}}", "Fields here are `scope`, `plan`, `variables`, `callbackUrl`, `trigger`, `revision`, `needs`, `notBefore`, `suspend`, `wait`, `retry` and `pin`."),
        ("{varaibles: {}}", "Did you mean `variables`?"),
        ("{callback_url: x}", "Did you mean `callbackUrl`?"),
        ("{plan: {id: 1, name: x}}", "Write `{id: 1000}` or `{name: Deploy web, template: web}`."),
        ("{plan: {name: x, tmplate: y}}", "Did you mean `template`?"),
        ("{plan: {nam: x}}", "Did you mean `name`?"),
        ("{variables: {a: {hosts: {idz: [1]}}}}", "Did you mean `ids`?"),
        ("{variables: {a: {secret: {evn: A}}}}", "Did you mean `env`?"),
        ("{variables: {a: 1.10}}", 'Write "1.10" with its quotes, or run:\nlauncher fmt --fix'),
        ("{variables: {a: null}}", 'Remove the line, or write `""` for the empty text.'),
        ("{plan: null}", "Remove the line, or write `{}` if nothing is to be set."),
        ("{pin: {digest: x}}", "Let launcher write it: launcher pin NAME"),
        (f"{{pin: {{digest: 'offline:v1:sha256:{'0' * 64}'}}}}", "This is the digest of a diff. Let launcher write the job plan's: launcher pin NAME"),
        ("{trigger: onchange}", "Did you mean `onChange`?"),
        ("{trigger: one}", "Did you mean `once`?"),
        ("{trigger: never}", "Write `onChange`, `once` or `manual`."),
        ("{notbefore: x}", "Did you mean `notBefore`?"),
        ("{waits: {}}", "Did you mean `wait`?"),
        ("{retry-: {}}", "Did you mean `retry`?"),
        ("{wait: {onTimeOut: detach}}", "Did you mean `onTimeout`?"),
        ("{wait: {onTimeout: terminated}}", "Did you mean `terminate`?"),
        ("{wait: {timeout: 90}}", "Write the unit, as in `90s` or `90m`."),
        ('{wait: {timeout: "90"}}', "Write the unit, as in `90s` or `90m`."),
        ("{wait: {timeout: 36h}}", "Write a whole number of seconds, minutes or hours, from `1s` to `24h`."),
        ("{wait: {timeout: 1.5h}}", "Write a whole number of seconds, minutes or hours, from `1s` to `24h`."),
        ("{retry: {backoff: half an hour}}", "Write a duration such as `30s`, `30m` or `2h`."),
        ("{retry: {maxAttempt: 2}}", "Did you mean `maxAttempts`?"),
        ("{retry: {maxAttempts: 100}}", "Write a number of at most 10."),
        ("{notBefore: 2026-11-23}", "Add the time and the offset, as in `2026-11-23T02:00:00+08:00`."),
        ("{notBefore: 2026-11-23T02:00:00}", "Add the offset from UTC, as in `2026-11-23T02:00:00+08:00`, or `Z` for UTC: without it, every machine would read another time."),
        ("{notBefore: 2026-02-30T02:00:00Z}", "There is no such day, hour or offset: correct it."),
        ("{notBefore: 2026-11-23 02:00}", "Write a time such as `2026-11-23T02:00:00+08:00`."),
        ("{scope: {type: bizset, id: '2'}}", "Did you mean `biz_set`?"),
        ("{plan: {id: '1000'}}", "Write 1000 without quotes."),
        ("{suspend: yes}", "Write `true` or `false`, without quotes. `yes` and `on` are text in YAML 1.2."),
        ("{needs: db}", "Write it as a list: `[db]`."),
        ("{needs: [Web Deploy]}", "Use lower-case letters, digits and hyphens, such as `web-deploy`."),
        ("{needs: [部署]}", "Use lower-case letters, digits and hyphens."),
        ("{callbackUrl: 'https://u:p@x/'}", "Remove the user name and password before the host: everyone who sees the manifest or the job would see them."),
        ("{callbackUrl: 'https://x/a b'}", "Remove the blanks, or write them as `%20`."),
        ("{callbackUrl: x.example.org}", "Start the URL with `https://`."),
        ("{variables: {a: {hosts: {dynamicGroups: ['2:x']}}}}", "Write only what stands after the colon."),
    ],
)  # fmt: skip
def test_a_hint_says_what_to_write(spec: str, expected: str) -> None:
    assert hints(f"{HEAD}spec: {spec}\n") == [expected]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("url: x", "Name the server with `server`. Addresses and credentials come from settings outside the repository, so that a pull request cannot redirect a launch."),
        ("base_url: x", "Name the server with `server`. Addresses and credentials come from settings outside the repository, so that a pull request cannot redirect a launch."),
        ("guards: {maxHost: 1}", "Did you mean `maxHosts`?"),
        ("guards: {requireReviewedDigests: true}", "Did you mean `requireReviewedDigest`?"),
        ("guards: {window: []}", "Did you mean `windows`?"),
        ("guards: {freeze: []}", "Did you mean `freezes`?"),
        ("ledger: Git", "Did you mean `git`?"),
        ("ledger: postgres", "Write `file` or `git`."),
        ("allowedScope: []", "Did you mean `allowedScopes`?"),
        (window(days="[Monday]"), "Did you mean `mon`?"),
        (window(days="[mon-fri]"), "Did you mean `mon`?"),
        (window(days="[1st]"), "Write `mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`."),
        (window(start="9:30"), "Write `09:30`."),
        (window(start="9h"), "Write a time such as `09:30` or `17:00`."),
        (window(start='"24:00"'), "Write `00:00` and name the day that it begins."),
        (window(end="10:00"), 'Write another time. A whole day is `from: "00:00"`, `to: "24:00"`.'),
        (window(zone="Asia/Shanghia"), "Did you mean `Asia/Shanghai`?"),
        (window(zone="asia/shanghai"), "Did you mean `Asia/Shanghai`?"),
        (window(zone="Mars/Olympus_Mons"), "Write a name such as `Asia/Shanghai`, or `UTC`."),
        (window(zone='"+08:00"'), "An offset does not know summer time: write a name such as `Asia/Shanghai`, or `UTC`."),
        ("guards: {freezes: [{from: 2026-02-30, to: 2026-03-01, timezone: UTC}]}", "The calendar has no such day: correct the month or the day."),
        ("guards: {freezes: [{from: 24.12.2026, to: 2027-01-02, timezone: UTC}]}", "Write a day such as `2026-12-24`."),
        ("guards: {freezes: [{from: 2026-12-24, to: 2026-01-02, timezone: UTC}]}", "Swap the two days, or correct the year."),
        ("guards: {windows: []}", "Add an entry, or remove the field for any time."),
    ],
)  # fmt: skip
def test_a_hint_for_the_workspace_says_where_it_belongs(setting: str, expected: str) -> None:
    with pytest.raises(InvalidManifests) as caught:
        load_workspace_bytes((WORKSPACE % setting).encode())
    assert [texts(item).hint for item in caught.value.diagnostics] == [expected]


def test_the_line_of_a_key_that_stands_twice_is_told() -> None:
    assert hints(HEAD + "spec: {}\nspec: {}\n") == ["Remove this `spec` or the one on line 4."]


def test_neither_credentials_nor_the_query_of_a_url_are_repeated() -> None:
    content = f"{HEAD}spec: {{callbackUrl: 'https://u:hunter2@x/?token=hunter3'}}\n".encode()
    (problem,) = load_bytes("case.yaml", content)[1]
    assert "hunter" not in texts(problem).detail
    assert problem.facts["text"] == "https://…@x/?…"


def test_a_missing_version_is_given() -> None:
    assert hints("kind: PlanLaunch\nmetadata: {name: web}\nspec: {}\n") == [
        "Start the file with `apiVersion: launcher/v1`."
    ]


def test_words_to_choose_from_are_joined_by_or() -> None:
    (problem,) = load_bytes("case.yaml", f"{HEAD}spec: {{scope: {{type: x, id: '2'}}}}\n".encode())[
        1
    ]
    assert texts(problem).detail.endswith("it can be `biz`, `biz_set` or `tenant_set`.")


@pytest.mark.parametrize("content", ["a:\n\tb: 1\n", "a: @x\n"])
def test_one_place_is_not_shown_twice(content: str) -> None:
    (problem,) = load_bytes("case.yaml", content.encode())[1]
    assert problem.related is None
