"""How many requests are in flight, and who of those that wait goes first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from launcher.job.pool import Gate


def test_no_more_are_let_through_than_its_limit():
    gate, inside, most = Gate(2, 10), [], []
    lock = threading.Lock()

    def pass_through(number: int) -> None:
        with gate.passage(urgent=number % 2 == 0):
            with lock:
                inside.append(number)
                most.append(len(inside))
            with lock:
                inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(pass_through, range(200)))
    assert max(most) <= 2
    assert len(most) == 200


def test_of_those_that_wait_the_urgent_go_first_and_then_whoever_came_first():
    gate, went, waiting = Gate(1, 10), [], []

    def pass_through(name: str, *, urgent: bool) -> None:
        with gate.passage(urgent=urgent):
            went.append(name)

    with ThreadPoolExecutor(4) as pool:
        with gate.passage(urgent=False):
            for name, urgent in (("a", False), ("b", False), ("c", True), ("d", True)):
                waiting.append(pool.submit(pass_through, name, urgent=urgent))
                while len(gate._others) + len(gate._urgent) < len(waiting):
                    threading.Event().wait(0.001)
        for item in waiting:
            item.result(10)
    assert went == ["c", "d", "a", "b"]


def test_whoever_waits_too_long_gives_up_and_takes_nobodys_place():
    gate = Gate(1, 0.01)
    with (
        gate.passage(urgent=False),
        pytest.raises(httpx.PoolTimeout),
        gate.passage(urgent=True),
    ):
        pass
    with gate.passage(urgent=True):
        assert not gate._urgent


def test_a_place_is_given_back_when_the_request_fails():
    gate = Gate(1, 0.01)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"), gate.passage(urgent=False):
            raise ValueError("broken")
    with gate.passage(urgent=False):
        pass
