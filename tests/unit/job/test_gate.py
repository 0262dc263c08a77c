"""How many requests are in flight, and who of those that wait goes first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from launcher.job.pool import Gate, Kept, Once


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


def test_a_connection_of_its_own_goes_before_those_that_are_kept_and_counts_as_much():
    gate, went, waiting = Gate(1, 10), [], []

    def build() -> httpx.BaseTransport:
        return httpx.MockTransport(lambda _: httpx.Response(200))

    kept, once = Kept(build, gate), Once(build, gate)

    def ask(name: str, lender: Kept | Once) -> None:
        with lender.lend():
            went.append(name)

    with ThreadPoolExecutor(4) as pool:
        with once.lend():
            for name, lender in (("a", kept), ("b", kept), ("start", once)):
                waiting.append(pool.submit(ask, name, lender))
                while len(gate._others) + len(gate._urgent) < len(waiting):
                    assert not waiting[-1].done()
                    threading.Event().wait(0.001)
        for item in waiting:
            item.result(10)
    assert went == ["start", "a", "b"]
    kept.close()


def test_whoever_is_let_through_at_the_last_moment_takes_the_place(monkeypatch):
    """Its patience is over, and before it can say so the place is given to it."""
    gate = Gate(1, 10)
    assert gate._enter(gate._others)

    class Turn:
        def acquire(self, timeout: float | None = None) -> bool:
            if timeout is None:
                return True
            gate._leave()
            return False

        def release(self) -> None:
            assert not gate._others

    monkeypatch.setattr(threading, "Lock", Turn)
    for _ in range(2):
        # The second comes in at once: the first has given the place back.
        with gate.passage(urgent=False):
            assert gate._free == 0
    assert gate._free == 1
