"""`launcher import` and `launcher schema --plan` as a user types them."""

from __future__ import annotations

import json

import jsonschema
import pytest

from launcher.manifest.load import load
from tests.cli.test_answers_and_schemas import hold


@pytest.fixture
def fresh(empty):
    assert empty("init").code == 0
    return empty


def test_a_job_plan_becomes_a_manifest_and_the_next_step_is_told(fresh):
    result = fresh("import", "Deploy web")
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        'wrote plans/deploy-web.yaml: job plan 1000 "Deploy web"\n'
        "  fill in: package_version (required, without a default)\n"
        "  left to JOB: db_password (secret; its comment says how to send one)\n"
        "\nNext, once everything is filled in:\n  launcher diff deploy-web\n"
    )
    assert fresh("fmt", "--check").code == fresh("validate").code == 0
    fresh.edit("plans/deploy-web.yaml", 'package_version: ""', 'package_version: "1.4.2"')
    assert fresh("diff", "deploy-web").code == 0
    assert "2 succeeded." in fresh("apply", "--yes").out


def test_nothing_has_to_be_filled_in_where_every_variable_has_a_value(fresh):
    assert fresh("import", "1001").out.endswith("\nNext:\n  launcher diff migrate-database\n")


@pytest.mark.parametrize(
    "arguments", [("import", ""), ("import", "1001", " "), ("schema", "--plan", "")]
)
def test_an_empty_word_is_refused_before_job_is_asked(fresh, arguments):
    result = fresh(*arguments)

    assert result.code == 64
    assert "it is empty; a job plan is called by its id, its name or a pattern." in result.err
    assert not (fresh.directory / ".launcher/sandbox").exists()


def test_a_second_time_it_is_kept(fresh):
    fresh("import", "1000")
    assert fresh("import", "1000").out == (
        'kept plans/deploy-web.yaml, which launches job plan 1000 "Deploy web" already; --force writes it again\n'
    )


def test_shown_manifests_are_parted_and_nothing_is_written(fresh):
    result = fresh("import", "1001", "1002", "--stdout")
    first, second = result.out.split("---\n")
    assert "name: migrate-database\n" in first
    assert "name: smoke-test\n" in second
    assert not (fresh.directory / "plans/smoke-test.yaml").exists()


def test_what_became_of_each_job_plan_is_told_to_programs(fresh):
    fresh("import", "1001")
    result = fresh("import", "1000", "1001", "-o", "json")

    assert (result.code, result.err) == (0, "")
    data = json.loads(result.out)
    hold("import-v1.json", data)
    assert data["environment"] == "sandbox"
    first, second = data["manifests"]
    text = (fresh.directory / first["manifest"]).read_text()
    assert first == {
        "name": "deploy-web",
        "manifest": "plans/deploy-web.yaml",
        "plan": {"id": 1000, "name": "Deploy web"},
        "written": True,
        "unfilled": ["package_version"],
        "ciphers": ["db_password"],
        "text": text,
    }
    assert (second["name"], second["written"]) == ("migrate-database", False)


def test_shown_to_programs_nothing_is_written_either(fresh):
    data = json.loads(fresh("import", "1002", "--stdout", "-o", "json").out)

    hold("import-v1.json", data)
    assert [item["written"] for item in data["manifests"]] == [False]
    assert not (fresh.directory / "plans/smoke-test.yaml").exists()


def test_what_cannot_be_imported_is_told_to_programs(fresh):
    result = fresh("import", "4711", "-o", "json")

    assert result.code == 1
    hold("import-v1.json", json.loads(result.out))
    assert [item["code"] for item in json.loads(result.out)["diagnostics"]] == ["L576"]


def test_the_nearest_name_is_offered(fresh):
    result = fresh("import", "Deploy Web")
    assert result.code == 64
    assert "help: Did you mean `Deploy web`?" in result.err


def test_the_schema_of_a_job_plan_fits_its_manifest(fresh):
    result = fresh("schema", "--plan", "Deploy web")
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        'wrote schemas/plan-1000.json: 6 variables of job plan 1000 "Deploy web"\n'
        "A manifest in plans/ uses it with this first line:\n"
        "# yaml-language-server: $schema=../schemas/plan-1000.json\n"
    )
    assert fresh("schema", "--check").code == 0
    schema = json.loads((fresh.directory / "schemas/plan-1000.json").read_text())
    fresh("import", "1000")
    fresh.edit("plans/deploy-web.yaml", 'package_version: ""', 'package_version: "1.4.2"')
    (document,), _ = load(fresh.directory, ["plans/deploy-web.yaml"])
    for judge in (jsonschema.Draft7Validator, jsonschema.Draft202012Validator):
        judge.check_schema(schema)
        assert judge(schema).is_valid(document.data)


def test_the_schema_goes_where_it_is_wanted(fresh):
    assert fresh("schema", "--plan", "1002", "--out", "schemas/probe.json").code == 0
    assert (fresh.directory / "schemas/probe.json").is_file()
    assert fresh("schema", "--plan", "1002", "--out", "../probe.json").code == 64
    assert fresh("schema", "--plan", "Deploy*").code == 64


@pytest.mark.parametrize(
    "arguments", [("--plan", "1000", "--check"), ("--out", "x.json"), ("-e", "sandbox")]
)
def test_options_that_mean_nothing_together_are_refused(fresh, arguments):
    assert fresh("schema", *arguments).code == 64
