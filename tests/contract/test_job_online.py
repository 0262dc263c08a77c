"""The JOB client against a real server: what the sandbox claims, asked of JOB itself. Never run by default.

    pytest -m online tests/contract/test_job_online.py

Where the server is and who asks comes from the variables that launcher itself reads (LAUNCHER_URL or BK_API_URL_TMPL,
LAUNCHER_DOOR, BK_APP_CODE, BK_APP_SECRET, …). Besides:

| variable | meaning |
|---|---|
| LAUNCHER_ONLINE_SCOPE | a scope that the user may look into, such as `biz/2` |
| LAUNCHER_ONLINE_PLAN | the id of a job plan there |
| LAUNCHER_ONLINE_PREPARE | `1` creates one instance of that job plan, which is never started |

Everything else only reads, or asks for what cannot be. JOB forgets an instance that was never started after its
usual time; nobody has to tidy up.
"""

import os
import secrets
from datetime import UTC, datetime, timedelta

import pytest

from launcher.engine.effects import Done, PrepareRequest, Refused, Search
from launcher.engine.observed import (
    Capability,
    FrozenCopy,
    InstanceRef,
    InstanceStatus,
    Missing,
    Status,
    VariableKind,
)
from launcher.engine.spec import EffectiveSpec, Scope
from launcher.job.calls import STEP_DETAIL
from launcher.job.server import connect
from launcher.settings import Settings

pytestmark = pytest.mark.online

NO_PLAN = 9007199254740991
HOUR = timedelta(hours=1)


def given(name):
    value = os.environ.get(name)
    if not value:
        pytest.skip(f"{name} is not set")
    return value


def now():
    return datetime.now(UTC)  # noqa: TID251 - a real server's time is compared with it


@pytest.fixture(scope="module")
def address():
    if not {"LAUNCHER_URL", "BK_API_URL_TMPL"} & set(os.environ):
        pytest.skip("neither LAUNCHER_URL nor BK_API_URL_TMPL is set")
    return Settings.from_environment(os.environ).server("online")


@pytest.fixture(scope="module")
def server(address):
    found = connect(*address)
    yield found
    found.close()


@pytest.fixture(scope="module")
def scope():
    kind, _, identity = given("LAUNCHER_ONLINE_SCOPE").partition("/")
    return Scope(kind, identity)


@pytest.fixture(scope="module")
def plan_id():
    return int(given("LAUNCHER_ONLINE_PLAN"))


@pytest.fixture(scope="module")
def plan(server, scope, plan_id):
    return done(server.read_plan(scope, plan_id))


def done(found):
    assert isinstance(found, Done), found
    return found.value


def test_what_the_server_can_do_is_proven_one_way_or_the_other(server, scope):
    assert done(server.probe(scope)) in set(Capability)


def test_a_job_plan_reads_the_same_twice(server, scope, plan, plan_id):
    assert plan.pin.id == plan_id
    assert done(server.read_plan(scope, plan_id)) == plan
    assert plan.steps


def test_a_job_plan_that_cannot_be_is_refused_by_its_code(server, scope):
    found = server.read_plan(scope, NO_PLAN)

    assert isinstance(found, Refused), found
    assert found.code == 1243009
    assert found.request_id


def test_an_instance_that_cannot_be_is_missing(server, scope):
    assert done(server.read_status(InstanceRef(scope, 1))) == Missing(1)


def test_of_an_instance_that_cannot_be_no_job_plan_is_told(server, scope):
    assert done(server.plan_of(InstanceRef(scope, 1), now())) is None


def test_the_last_hour_is_searched_to_its_end(server, scope, plan):
    ends = now()
    search = Search(
        scope, plan.pin.id, plan.pin.name, ends - HOUR, ends, ("LAUNCH_KEY", "online/never")
    )

    assert all(candidate.marker != "online/never" for candidate in done(server.find(search)))


def test_the_server_tells_its_time(server, scope, plan_id):
    server.read_plan(scope, plan_id)

    assert server.skew_s() is not None


def test_an_instance_is_created_and_not_started(server, address, scope, plan):
    if given("LAUNCHER_ONLINE_PREPARE") != "1":
        pytest.skip("LAUNCHER_ONLINE_PREPARE is not 1")
    # On any other server, what is created starts at once.
    assert done(server.probe(scope)) is Capability.TWO_PHASE
    strings = [item.name for item in plan.variables if item.kind is VariableKind.STRING]
    marker = (strings[0] if strings else "LAUNCH_KEY", f"online/{secrets.token_hex(8)}")
    since = now()

    created = done(
        server.prepare(PrepareRequest(EffectiveSpec(scope, plan.pin.id), plan.pin.id, marker), {})
    )

    instance = InstanceRef(scope, created.id)
    status = done(server.read_status(instance))
    assert isinstance(status, InstanceStatus)
    assert (status.status, status.started, status.name) == (Status.BLANK, None, plan.pin.name)
    # The id alone decides, whatever time the request names.
    for moment in (status.created, status.created - 48 * HOUR):
        assert done(server.plan_of(instance, moment)) == plan.pin.id
    copy = done(server.read_back(instance))
    assert isinstance(copy, FrozenCopy)
    assert (copy.steps is not None) is STEP_DETAIL.is_at(address[0].door)
    rest = iter(plan.steps)
    assert all(step in rest for step in copy.steps or ())
    if strings and copy.texts is not None:
        assert copy.texts[marker[0]] == marker[1]
    search = Search(scope, plan.pin.id, plan.pin.name, since - HOUR, now() + HOUR, marker)
    assert created.id in {candidate.id for candidate in done(server.find(search))}
