"""How long an exchange may go on, whatever its server does."""

from __future__ import annotations

import itertools

import pytest

from launcher.job.bounds import Bound, Overdue, Person


def bound(*times: float, hurries: bool = False, wanted: Person | None = None) -> Bound:
    """One of 100 s, on a clock that shows `times`, and the last of them from then on."""
    clock = itertools.chain(times, itertools.repeat(times[-1]))
    return Bound(100, lambda: next(clock), wanted or Person(), hurries=hurries)


def test_an_exchange_goes_on_until_its_time_is_over():
    going = bound(0, 100, 100.5)
    going.check()
    with pytest.raises(Overdue, match="not complete after 1m40s"):
        going.check()


@pytest.mark.parametrize(("hurries", "ends"), [(True, True), (False, False)])
def test_only_what_changes_nothing_is_soon_given_up_once_somebody_wants_to_stop(hurries, ends):
    going = bound(0, 40, 44, 45.5, hurries=hurries, wanted=Person(to_stop=lambda: True))
    going.check()
    going.check()
    if ends:
        with pytest.raises(Overdue, match="nobody waits"):
            going.check()
    else:
        going.check()


def test_a_wish_to_stop_leaves_nothing_more_time_than_it_had():
    going = bound(0, 99, 101, hurries=True, wanted=Person(to_stop=lambda: True))
    going.check()
    with pytest.raises(Overdue):
        going.check()


@pytest.mark.parametrize("hurries", [True, False])
def test_nothing_is_waited_for_once_the_run_is_to_end(hurries):
    with pytest.raises(Overdue, match="nobody waits"):
        bound(0, hurries=hurries, wanted=Person(to_end=lambda: True)).check()


def test_a_silence_is_told_once():
    heard: list[float] = []
    going = bound(0, 9.5, 10, 30, wanted=Person(hear_silence=heard.append))
    going.check()
    assert heard == []
    going.check()
    going.check()
    assert heard == [10]
