"""When the client asks again by itself: how often, how long after, and when no more."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from launcher.engine.effects import Done, PrepareRequest, Refused, StartRequest, Unsent
from launcher.engine.observed import InstanceRef
from launcher.engine.spec import EffectiveSpec, Scope
from launcher.job.bounds import Person
from launcher.job.budget import REPEATS, Budget
from launcher.model.times import duration_text
from tests.support.job_app import JobApp, failure, success

SCOPE = Scope("biz", "2")
REF = InstanceRef(SCOPE, 20000000001)
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
BROKEN = httpx.Response(502)
STATUS = success(
    {
        "finished": False,
        "job_instance": {"job_instance_id": REF.id, "name": "web", "status": 1, "create_time": 1},
        "step_instance_list": [],
    }
)
CREATED = success({"job_instance_id": REF.id, "job_instance_name": "web"})
PREPARE = PrepareRequest(EffectiveSpec(SCOPE, 1), 1, None)


def limited(**headers):
    return httpx.Response(429, headers=headers)


def read(*reactions, **options):
    app = JobApp(get_job_instance_status=list(reactions))
    return app, app.connect(**options).read_status(REF)


@pytest.mark.parametrize(
    ("chance", "pauses"), [(0.0, [0.25, 1.0]), (0.5, [0.375, 1.5]), (1.0, [0.5, 2.0])]
)
def test_pauses_grow_and_chance_takes_up_to_half_of_them(chance, pauses):
    app, found = read(BROKEN, BROKEN, STATUS, chance=lambda: chance)

    assert isinstance(found, Done)
    assert app.slept == pauses


def test_a_read_that_goes_well_waits_for_nothing():
    app, _ = read(STATUS)

    assert (app.slept, len(app.asked)) == ([], 1)


@pytest.mark.parametrize(
    ("headers", "pause_s"),
    [
        ({"Retry-After": "7"}, 7.5),
        ({"Retry-After": "0"}, 0.5),
        ({"Retry-After": "60"}, 30.5),
        ({"Retry-After": format_datetime(NOON + timedelta(seconds=9), usegmt=True)}, 9.5),
        ({"Retry-After": format_datetime(NOON - timedelta(seconds=9), usegmt=True)}, 0.5),
        ({"Retry-After": format_datetime(NOON + timedelta(seconds=59), usegmt=True)}, 30.5),
        ({"Retry-After": "soon"}, 0.5),
        ({"Retry-After": "-3"}, 0.5),
        ({"Retry-After": "1e9"}, 0.5),
        ({"Retry-After": "9" * 400}, 0.5),
        ({}, 0.5),
    ],
)
def test_what_the_server_asks_for_is_waited_for_up_to_a_limit(headers, pause_s):
    app, found = read(limited(**headers), STATUS, now=lambda: NOON)

    assert isinstance(found, Done)
    assert app.slept == [pause_s]


@pytest.mark.parametrize("seconds", ["61", "3600", "999999999"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_longer_than_a_call_could_wait_is_not_begun(status, seconds):
    turned_away = httpx.Response(status, headers={"Retry-After": seconds})

    app, found = read(turned_away, STATUS)

    assert not isinstance(found, Done)
    assert f"left alone for {duration_text(int(seconds))}" in found.message
    assert (app.slept, len(app.asked)) == ([], 1)


def test_a_server_that_turns_everybody_away_for_ever_holds_a_call_no_longer_than_half_a_minute():
    app, found = read(limited(**{"Retry-After": "60"}))

    assert isinstance(found, Refused)
    assert (app.slept, len(app.asked)) == ([30.5], 2)


def test_a_limit_that_counts_by_the_minute_is_waited_out():
    app, found = read(limited(**{"Retry-After": "60"}), limited(**{"Retry-After": "30"}), STATUS)

    assert isinstance(found, Done)
    assert app.slept == [30.5, 32.0]


def test_a_pause_that_the_server_asks_for_is_told_before_it_is_made():
    told: list[object] = []

    def hear(seconds):
        told.append((seconds, list(app.slept)))

    app = JobApp(get_job_instance_status=[BROKEN, limited(**{"Retry-After": "60"}), STATUS])
    app.connect(person=Person(hear_pause=hear)).read_status(REF)

    assert told == []

    app = JobApp(get_job_instance_status=[limited(**{"Retry-After": "7"}), BROKEN, STATUS])
    app.connect(person=Person(hear_pause=hear)).read_status(REF)

    assert told == [(7.0, [])]


@pytest.mark.parametrize("trouble", [BROKEN, limited(**{"Retry-After": "9"})])
@pytest.mark.parametrize("what", ["read", "prepare"])
def test_nothing_is_sent_again_after_a_pause_in_which_somebody_wants_to_stop(what, trouble):
    stops: list[float] = []
    app = JobApp(get_job_instance_status=[trouble, STATUS], execute_job_plan=[limited(), CREATED])
    server = app.connect(sleep=stops.append, person=Person(to_stop=lambda: bool(stops)))

    found = server.read_status(REF) if what == "read" else server.prepare(PREPARE, {})

    assert not isinstance(found, Done)
    assert len(app.asked) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_start_that_was_turned_away_is_never_sent_again(status):
    turned_away = httpx.Response(status, headers={"Retry-After": "1"})
    app = JobApp(operate_job_instance=[turned_away, success({"job_instance_id": REF.id})])

    found = app.connect().start(StartRequest(REF), float("inf"))

    assert not isinstance(found, Done)
    assert (app.slept, len(app.asked)) == ([], 1)


def test_a_prepare_whose_time_is_over_after_a_pause_is_not_sent_again():
    clock = [0.0]

    def sleep(seconds):
        clock[0] += seconds

    app = JobApp(execute_job_plan=[limited(**{"Retry-After": "5"}), CREATED])
    server = app.connect(sleep=sleep, monotonic=lambda: clock[0])

    assert server.prepare(PREPARE, {}, 5.0) == Unsent()
    assert clock[0] > 5
    assert len(app.asked) == 1


def test_a_job_plan_that_was_denied_is_not_asked_for_again_once_somebody_wants_to_stop():
    stops: list[float] = []
    plan = {"job_plan_id": 1, "name": "web", "last_modify_time": 1}
    app = JobApp(execute_job_plan=[failure(1244012), CREATED], get_job_plan_detail=success(plan))
    server = app.connect(sleep=stops.append, person=Person(to_stop=lambda: bool(stops)))

    assert isinstance(server.prepare(PREPARE, {}), Refused)
    assert len(app.bodies("execute_job_plan")) == 1


def test_a_date_to_wait_for_is_on_the_servers_clock():
    there = NOON + timedelta(hours=3)
    headers = {
        "Date": format_datetime(there, usegmt=True),
        "Retry-After": format_datetime(there + timedelta(seconds=4), usegmt=True),
    }

    app, _ = read(limited(**headers), STATUS, now=lambda: NOON)

    assert app.slept == [4.5]


def test_a_server_that_is_broken_is_soon_asked_once_only():
    app = JobApp(get_job_instance_status=BROKEN)
    server = app.connect()

    for _ in range(100):
        server.read_status(REF)

    assert len(app.asked) == 100 + REPEATS
    assert len(app.slept) == REPEATS


def test_the_budget_is_one_for_all_kinds_of_calls():
    app = JobApp(get_job_instance_status=BROKEN, execute_job_plan=httpx.ConnectError("refused"))
    server = app.connect()

    for _ in range(REPEATS):
        server.read_status(REF)
    server.prepare(PREPARE, {})

    assert len(app.bodies("execute_job_plan")) == 1


def test_good_answers_give_repeats_back_up_to_the_budget():
    budget = Budget(2)
    assert [budget.spend() for _ in range(3)] == [True, True, False]

    for _ in range(10):
        budget.earn()
    assert [budget.spend() for _ in range(2)] == [True, False]

    for _ in range(1000):
        budget.earn()
    assert [budget.spend() for _ in range(3)] == [True, True, False]


def test_a_budget_that_is_spent_comes_back_while_the_server_answers():
    app = JobApp(get_job_instance_status=[*[BROKEN] * (100 + REPEATS), *[STATUS] * 10, BROKEN])
    server = app.connect()
    for _ in range(110):
        server.read_status(REF)
    before = len(app.asked)

    server.read_status(REF)

    assert len(app.asked) - before == 2


@pytest.mark.parametrize("trouble", [httpx.ConnectError("refused"), limited()])
def test_a_prepare_that_reached_nobody_is_sent_again_and_goes_through(trouble):
    app = JobApp(execute_job_plan=[trouble, trouble, CREATED])

    found = app.connect().prepare(PREPARE, {})

    assert isinstance(found, Done)
    assert app.slept == [0.5, 1.0]


@pytest.mark.parametrize("trouble", [httpx.ConnectError("refused"), limited(), failure(1244012)])
def test_a_prepare_that_starts_at_once_is_sent_once_whatever_comes(trouble):
    gone = failure(1243009)
    app = JobApp(execute_job_plan=[trouble, CREATED], get_job_plan_detail=gone)

    found = app.connect().prepare(PrepareRequest(EffectiveSpec(SCOPE, 1), 1, None, start=True), {})

    assert isinstance(found, Refused)
    assert len(app.bodies("execute_job_plan")) == 1
