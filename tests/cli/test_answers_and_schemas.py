"""Every answer in JSON is what its schema promises, to a validator of either draft."""

from __future__ import annotations

import json

import jsonschema
import pytest

from tests.support.command_line import REPOSITORY

DRAFTS = (jsonschema.Draft7Validator, jsonschema.Draft202012Validator)


def hold(name, data):
    schema = json.loads((REPOSITORY / "schemas" / name).read_text())
    for draft in DRAFTS:
        draft.check_schema(schema)
        draft(schema).validate(data)


def answers(line, *extra):
    """One answer of each command that gives JSON."""
    for arguments in (
        ("validate",),
        ("validate", "--online"),
        ("render",),
        ("diff", "--all"),
        ("diff", "--offline"),
        ("status",),
        ("status", "web-deploy"),
        ("why", "web-deploy"),
    ):
        result = line(*arguments, "-o", "json", *extra)
        hold(f"{arguments[0]}-v1.json", json.loads(result.out))
        yield arguments[0], json.loads(result.out)


def events(line, *arguments):
    result = line("apply", "--yes", "-o", "jsonl", *arguments)
    told = [json.loads(text) for text in result.out.splitlines()]
    for event in told:
        hold("apply-event-v1.json", event)
    return told


def test_answers_hold_before_and_after_an_apply(demo):
    assert len(list(answers(demo))) == 8
    types = {event["type"] for event in events(demo)}
    assert types == {"version", "planned", "effect", "observed", "settled", "diagnostic", "summary"}
    assert len(list(answers(demo))) == 8
    lockfile = json.loads((demo.directory / "locks/sandbox.lock.json").read_text())
    hold("lockfile-v1.json", lockfile)
    hold("lockfile-v1.json", json.loads(demo("lock", "show").out))


def test_answers_hold_when_things_are_changed_held_deleted_and_raised(demo):
    events(demo)
    demo.edit("plans/web/deploy.yaml", "1.4.2", "1.4.3")
    demo.edit("plans/database/migrate.yaml", "  plan:", "  suspend: true\n  revision: 2\n  plan:")
    (demo.directory / "plans/web/smoke-test.yaml").unlink()
    shown = dict(answers(demo))
    actions = {item["name"]: item["action"] for item in shown["diff"]["changes"]}
    assert actions["db-migrate"] == "hold" or shown["diff"]["offline"]
    events(demo)
    assert len(list(answers(demo))) == 8


def test_answers_hold_where_there_is_no_answer(demo):
    demo.edit("plans/web/deploy.yaml", "plan: {id: 1000}", "plann: {id: 1000}")
    told = events(demo)
    assert told[-1]["exit_code"] == 3
    for name, data in answers(demo):
        assert data["diagnostics"], name
        # What is on record can be looked at all the same.
        answers_all_the_same = name in ("validate", "status")
        assert answers_all_the_same or list(data) == ["format_version", "diagnostics"]


def test_names_from_outside_come_through_as_they_are(demo):
    demo.edit(
        "plans/web/deploy.yaml", '"1.4.2"', json.dumps("部署 ::error:: ##[x]", ensure_ascii=False)
    )
    result = demo("render", "web-deploy", "-o", "json")
    assert "::error" not in result.out
    assert "##[" not in result.out
    value = json.loads(result.out)["launches"][0]["spec"]["variables"]["package_version"]["value"]
    assert value == "部署 ::error:: ##[x]"


@pytest.mark.parametrize(
    "break_it",
    [
        lambda data: data.pop("summary"),
        lambda data: data.update(more=1),
        lambda data: data["changes"][0].update(action="dance"),
        lambda data: data["changes"][0].update(instance="7"),
        lambda data: data.update(format_version="2.0"),
    ],
    ids=["missing", "more", "unknown action", "text for a number", "another version"],
)
def test_a_shape_that_changes_is_refused_by_both_drafts(demo, break_it):
    data = json.loads(demo("diff", "-o", "json").out)
    break_it(data)
    schema = json.loads((REPOSITORY / "schemas/diff-v1.json").read_text())
    for draft in DRAFTS:
        assert not draft(schema).is_valid(data)
