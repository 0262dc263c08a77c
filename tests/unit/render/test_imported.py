"""A job plan as a manifest: what it says is what the job plan says, whatever that is."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from launcher.engine.observed import JobPlan, PlanPin, PlanVariable, VariableKind
from launcher.engine.spec import Hosts
from launcher.manifest.characters import HIDDEN_IN_VALUE
from launcher.manifest.fmt import formatted
from launcher.manifest.load import load_bytes
from launcher.render.imported import Draft, Request, launch_name, render_manifest

TEXTS = (VariableKind.STRING, VariableKind.NAMESPACE, VariableKind.INDEX_ARRAY)
REQUEST = Request("web", "../schemas/planlaunch-v1.json", marker="LAUNCH_KEY")

ODD = (
    *("1.10", "null", "~", "yes", "# no comment", "a: b", "- a", "{a: b}", "'", '"', "\\n", "%x"),
    *(
        "a\r\nb",
        "a\rb",
        "\ta",
        "a\t",
        " a",
        "a ",
        "a\n",
        "a\n\n",
        "\na",
        "a\n b\n",
        "a\n\n b",
        "\n",
    ),
    *(
        "a\n  # b\nc: d\n",
        "---\na",
        "a\n...\nb",
        "\x85",
        "a\u2028b",
        "\u200b",
        "\ufeff",
        "\U0001f600",
    ),
    *(
        "\u202e",
        "\x00",
        "\x1b[0m",
        "***",
        "******\n",
        "变量",
        "::error::x",
        "a\n: b",
        "|\n",
        "&a *a !x",
        " a\nb",
        "a \nb\n",
    ),
)
texts = st.sampled_from(ODD) | st.text() | st.text("ab \n\t#:-\"'\\\r|>{}[]*&!%\u202e", max_size=20)
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True) | texts


def a_plan(*variables: PlanVariable, name: str = "Deploy web") -> JobPlan:
    pin = PlanPin(1000, name, "v1:sha256:0", "2026-11-22T12:00:00Z")
    return JobPlan(pin, variables, ())


def a_text(value: str, name: str = "x") -> PlanVariable:
    return PlanVariable(1, name, VariableKind.STRING, required=False, value=value)


def read(text: str):
    document, problems = load_bytes("plans/web.yaml", text.encode())
    assert problems == ()
    assert document is not None
    return document.data


def written(plan: JobPlan, request: Request = REQUEST) -> tuple[str, Draft]:
    draft = render_manifest(plan, request)
    done = formatted("plans/web.yaml", draft.text.encode(), fix=False)
    assert done.diagnostics == ()
    assert not formatted("plans/web.yaml", done.text.encode(), fix=True).changed
    return done.text, draft


def may_stay_unsaid(name: str, value: str) -> bool:
    """Whether the reader has a reason to refuse one of the two: hidden characters, a mask, no name of a variable."""
    hidden = HIDDEN_IN_VALUE.search(name + value) is not None
    is_mask = len(value.strip(" \t\r\n")) > 2 and set(value.strip(" \t\r\n")) == {"*"}
    is_name = name[:1] > " " and name[:1] not in "\x7f\xa0" and "\n" not in name
    is_name = is_name and not any(c in name for c in "\t\r\x85")
    return hidden or is_mask or not is_name


@settings(max_examples=200, deadline=None)
@given(
    found=st.lists(st.tuples(names, texts, texts), max_size=4),
    title=texts,
    required=st.booleans(),
)
@example(found=[("x", "a\n  # b\n", "d\n  y: z")], title="a\nspec: {}", required=True)
def test_every_default_reads_back_as_it_is_or_stays_with_the_job_plan(found, title, required):
    plan = a_plan(
        *(
            PlanVariable(n, name, TEXTS[n % 3], required, value=value, description=words)
            for n, (name, value, words) in enumerate(found, 1)
        ),
        name=title,
    )
    text, draft = written(plan)
    data = read(text)
    assert set(data) == {"apiVersion", "kind", "metadata", "spec"}
    assert set(data["metadata"]) <= {"name", "title"}
    assert data["metadata"].get("title", title) == title
    said = data["spec"].get("variables", {})
    kept = {name for name, _ in draft.kept}
    first: dict[str, str] = {}
    for name, value, _ in found:
        first.setdefault(name, value)
    assert set(said) <= set(first)
    for name, value in first.items():
        if name == "LAUNCH_KEY":
            assert name not in said
        elif name in said:
            assert said[name] == value
        elif value or required:
            assert name in kept
            assert may_stay_unsaid(name, value) or [item[0] for item in found].count(name) > 1


@pytest.mark.parametrize("value", [item for item in ODD if not may_stay_unsaid("x", item)])
def test_every_odd_default_that_can_be_said_is_said(value):
    text, _ = written(a_plan(a_text(value)))
    assert read(text)["spec"]["variables"] == {"x": value}


@pytest.mark.parametrize("value", ["\u202e", "\x00", "***", "\x1b[0m", "\ud800"])
def test_a_default_that_no_manifest_may_hold_stays_with_the_job_plan(value):
    text, draft = written(a_plan(a_text(value), a_text("b", "y")))
    assert read(text)["spec"]["variables"] == {"y": "b"}
    assert [name for name, _ in draft.kept] == ["x"]
    assert "# x keeps JOB's own value: " in text


def test_lines_stand_as_lines():
    text, _ = written(a_plan(a_text("#!/bin/bash\n  exit 0\n")))
    assert "    x: |\n      #!/bin/bash\n        exit 0\n" in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Deploy web", "deploy-web"),
        ("  Deploy (web) v1.2! ", "deploy-web-v1-2"),
        ("部署", "plan-1000"),
        ("部署 web", "plan-1000"),
        ("Déploiement", "plan-1000"),
        ("---", "plan-1000"),
        ("", "plan-1000"),
        ("a" * 62 + " b", "a" * 62),
        ("x" * 80, "x" * 63),
    ],
)
def test_a_launch_is_called_after_its_job_plan(name, expected):
    assert launch_name(1000, name) == expected


def hosts_of(**hosts):
    variable = PlanVariable(436, "targets", VariableKind.HOSTS, required=True, hosts=Hosts(**hosts))
    text, draft = written(a_plan(variable))
    said = read(text)["spec"].get("variables")
    return said and said["targets"]["hosts"], draft


def test_hosts_are_kept_whatever_they_are_named_by():
    found, _ = hosts_of(
        ids=(101, 102),
        dynamic_groups=("blo8", "12", "null", "a#b"),
        topo_nodes=(("module", 1000), ("yes", 1)),
    )
    assert found == {
        "ids": [101, 102],
        "dynamicGroups": ["blo8", "12", "null", "a#b"],
        "topoNodes": [{"type": "module", "id": 1000}, {"type": "yes", "id": 1}],
    }


def test_addresses_are_kept():
    assert hosts_of(ips=((0, "10.0.0.11"),))[0] == {"ips": [{"cloud": 0, "ip": "10.0.0.11"}]}


def test_many_hosts_stand_one_a_line():
    text, _ = written(
        a_plan(
            PlanVariable(
                1, "t", VariableKind.HOSTS, required=False, hosts=Hosts(ids=tuple(range(1, 13)))
            )
        )
    )
    assert "        ids:\n          - 1\n          - 2\n" in text


def test_hosts_that_job_would_drop_on_the_way_stay_with_the_job_plan():
    found, draft = hosts_of(ids=(101,), ips=((0, "10.0.0.11"),))
    assert found is None
    assert [name for name, _ in draft.kept] == ["targets"]


def test_secrets_stay_with_job_and_are_ready_to_be_named():
    cipher = PlanVariable(3, "db-password", VariableKind.CIPHER, required=True)
    text, draft = written(a_plan(cipher, a_text("b")))
    assert read(text)["spec"]["variables"] == {"x": "b"}
    assert '    # db-password:\n    #   secret: {env: DB_PASSWORD, version: "1"}\n' in text
    assert draft.ciphers == ("db-password",)
    uncommented = text.replace("    # db-password", "    db-password").replace(
        "    #   s", "      s"
    )
    secret = {"secret": {"env": "DB_PASSWORD", "version": "1"}}
    assert read(uncommented)["spec"]["variables"] == {"db-password": secret, "x": "b"}


def test_what_has_to_be_filled_in_is_marked():
    wanted = PlanVariable(1, "version", VariableKind.STRING, required=True, value="")
    hosts = PlanVariable(2, "targets", VariableKind.HOSTS, required=True)
    text, draft = written(a_plan(wanted, hosts))
    assert '    version: ""  # required, has no default: fill in\n' in text
    assert "    # targets:  # required, has no default: fill in\n" in text
    assert draft.unfilled == ("version", "targets")
    assert read(text)["spec"]["variables"] == {"version": ""}


def test_a_job_plan_without_values_names_no_variables():
    text, _ = written(a_plan(a_text("", "a"), a_text("", "LAUNCH_KEY")))
    assert "variables" not in read(text)["spec"]
    assert '  # variables:\n  #   # String\n  #   a: ""\n' in text
    assert "LAUNCH_KEY" not in text


def test_it_launches_where_it_was_asked_for():
    text, _ = written(a_plan(), Request("web", "s.json", environment="production"))
    assert read(text)["environments"] == {"production": {}}
