"""Which operation is where, at each door: the client's table against the sandbox's, which shares no code with it."""

import pytest

from launcher.job import calls
from launcher.job.address import Door
from launcher.job.calls import Call, Kind
from launcher.sandbox.routes import OPERATIONS, route

CALLS = {name: value for name, value in vars(calls).items() if isinstance(value, Call)}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("door", Door)
def test_a_call_is_where_the_server_has_it_and_nowhere_else(name, door):
    call = CALLS[name]
    served = OPERATIONS[call.name]

    assert call.is_at(door) is (door is Door.GATEWAY or served.through_esb)
    if call.is_at(door):
        found = route("/base" + call.path(door))
        assert found is not None
        assert found.entrance.door == door
        assert found.operation is served
        assert found.method == call.methods[door]


@pytest.mark.parametrize("door", Door)
def test_every_door_has_what_can_change_something(door):
    assert all(call.is_at(door) for call in CALLS.values() if call.kind is not Kind.READ)


def test_esb_asks_for_everything_with_post():
    assert {call.methods[Door.ESB] for call in CALLS.values() if call.is_at(Door.ESB)} == {"POST"}
