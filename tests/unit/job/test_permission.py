import json

import pytest

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import PrepareRequest, Refused
from launcher.engine.spec import EffectiveSpec, Scope
from launcher.job.permission import missing_permissions
from launcher.render.diagnostics import render_diagnostics
from tests.support.job_app import JobApp, failure


def part(kind, kind_name, identity, name):
    return {"type": kind, "type_name": kind_name, "id": identity, "name": name}


PLAN = part("job_plan", "Job Plans", "1000123", "web rollout")
BIZ = part("biz", "Business", "2", "demo")


def host(number):
    return [BIZ, part("host", "Hosts", str(number), f"10.0.0.{number}")]


def related(kind, name, *paths):
    return {"type": kind, "type_name": name, "instances": list(paths)}


def action(identity, name, *resources):
    return {"id": identity, "name": name, "related_resource_types": list(resources)}


def words(*actions):
    return missing_permissions({"system_id": "bk_job", "actions": list(actions)})


def test_actions_and_resources_are_named_as_job_documents_them():
    launch = action(
        "launch_job_plan",
        "Launch Job Plan",
        related("job_plan", "Job Plans", [PLAN]),
        related("host", "Hosts", host(11)),
    )
    account = action(
        "use_account", "Use Account", related("account", "Account", [BIZ, {"id": "4"}])
    )

    assert words(launch, account) == (
        "launch_job_plan (Launch Job Plan) on Job Plans web rollout, Hosts 10.0.0.11 in Business demo; "
        "use_account (Use Account) on Account 4 in Business demo"
    )


def test_things_in_one_place_stand_together_and_many_are_counted():
    other = [part("biz", "Business", "3", "other"), part("host", "Hosts", "9", "10.0.9.9")]
    hosts = related("host", "Hosts", *[host(n) for n in range(1, 501)], other)

    assert words(action("a", "A", hosts)) == (
        "a (A) on Hosts 10.0.0.1 and 10.0.0.2 and 10.0.0.3 and 497 more in Business demo, "
        "Hosts 10.0.9.9 in Business other"
    )


def test_a_deep_path_is_told_from_the_inside():
    path = [BIZ, part("set", "Set", "1", "green"), part("host", "Hosts", "7", "10.0.0.7")]

    assert words(action("a", "A", related("host", "Hosts", path))) == (
        "a (A) on Hosts 10.0.0.7 in Set green in Business demo"
    )


def test_a_flood_is_bounded():
    place = [
        [part("biz", "Business", str(n), "x" * 999), part("host", "Hosts", "1", "y" * 999)]
        for n in range(40)
    ]
    many = [action(f"a{n}", "z" * 999, related("host", "Hosts", *place)) for n in range(30)]

    found = JobApp(execute_job_plan=failure(9900403, "no", permission={"actions": many}))
    answer = found.connect().prepare(
        PrepareRequest(EffectiveSpec(Scope("biz", "2"), 1), 1, None), {}
    )

    assert words(*many).endswith("; 20 more")
    assert isinstance(answer, Refused)
    assert len(answer.message) < 2100


@pytest.mark.parametrize(
    "permission",
    [
        None,
        [],
        "x",
        {},
        {"actions": None},
        {"actions": [None, 3, {}]},
    ],
)
def test_a_permission_that_names_nothing_has_no_words(permission):
    assert missing_permissions(permission) == ""


@pytest.mark.parametrize(
    "resources",
    [
        None,
        3,
        [None],
        [{"instances": 3}],
        [{"instances": [3, None, [], [None]]}],
        [{"type": {}, "type_name": []}],
    ],
)
def test_resources_of_another_shape_leave_the_action(resources):
    found = {"id": "a", "name": "A", "related_resource_types": resources}

    assert missing_permissions({"actions": [found]}) == "a (A)"


def test_control_characters_of_names_are_shown_as_their_codes():
    bad = [part("host", "Hosts", "1", "10.0.0.1\x1b[2J\u202e\n::error::x")]
    said = words(action("launch_job_plan", "L", related("host", "Hosts", bad)))
    facts = {"what": "prepare", "name": "web", "message": said}

    shown = render_diagnostics([Diagnostic("L238", facts)])

    assert "10.0.0.1\\u001b[2J\\u202e\\n" in shown
    assert "\x1b[2J" not in shown
    assert json.dumps(said)
