"""Which operation fits an instance, and what is sent for it."""

from __future__ import annotations

import pytest

from launcher.engine.fitting import Fit, Unfit, fit, has_moved, is_same
from launcher.engine.recorded import Operation, OperationKind
from tests.support.acting import a_status, a_step
from tests.support.ledgers import NOON

TERMINATE, CONTINUE, END = OperationKind.TERMINATE, OperationKind.CONTINUE, OperationKind.END
RESTART, RETRY = OperationKind.RESTART, OperationKind.RETRY_FAILED_HOSTS

WAITS = a_step(7)
SAID_NO = a_step(13)
FAILED = a_step(4, "script", name="deploy")
EVERY_STATUS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 99)


@pytest.mark.parametrize(
    ("kind", "status", "sent"),
    [
        pytest.param(TERMINATE, a_status(2), Fit(TERMINATE), id="running"),
        pytest.param(
            TERMINATE, a_status(7, WAITS), Fit(END, WAITS), id="at a confirmation: its end"
        ),
        pytest.param(
            TERMINATE, a_status(10, WAITS), Fit(END, WAITS), id="wedged at a confirmation: its end"
        ),
        pytest.param(CONTINUE, a_status(7, WAITS), Fit(CONTINUE, WAITS), id="confirmed"),
        pytest.param(END, a_status(7, WAITS), Fit(END, WAITS), id="said no"),
        pytest.param(RESTART, a_status(13, SAID_NO), Fit(RESTART, SAID_NO), id="asked again"),
        *(
            pytest.param(
                RETRY,
                a_status(instance, a_step(3, "script"), a_step(step, kind)),
                Fit(RETRY, a_step(step, kind)),
                id=f"hosts retried: {instance}, {step}, {kind}",
            )
            for instance in (4, 9, 11)
            for step in (4, 9, 11)
            for kind in ("script", "file")
        ),
    ],
)
def test_what_fits_is_sent(kind, status, sent):
    assert fit(kind, status) == sent


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        pytest.param(TERMINATE, a_status(10, a_step(10, "script")), "L335", id="being stopped"),
        pytest.param(TERMINATE, a_status(7, a_step(15, "script")), "L346", id="waits otherwise"),
        pytest.param(CONTINUE, a_status(2, WAITS), "L332", id="somebody has just confirmed it"),
        pytest.param(END, a_status(2, WAITS), "L332", id="somebody has just answered"),
        pytest.param(CONTINUE, a_status(10, WAITS), "L332", id="confirming what was stopped"),
        pytest.param(CONTINUE, a_status(7, a_step(7, "script")), "L332", id="no confirmation"),
        pytest.param(RESTART, a_status(7, WAITS), "L333", id="not answered yet"),
        pytest.param(RETRY, a_status(2, FAILED), "L334", id="somebody has just retried it"),
        pytest.param(RETRY, a_status(4, a_step(4)), "L334", id="a confirmation has no hosts"),
        pytest.param(RETRY, a_status(3, a_step(6, "script")), "L334", id="its error was ignored"),
    ],
)
def test_what_does_not_fit_is_not_sent(kind, status, code):
    assert fit(kind, status) == Unfit(code)


@pytest.mark.parametrize("kind", OperationKind)
def test_what_has_not_begun_cannot_be_operated_on(kind):
    assert fit(kind, a_status(1, a_step(1), a_step(1, "script"))) == Unfit("L336")


def test_terminate_is_never_sent_to_an_instance_that_waits():
    for status in EVERY_STATUS:
        for step in EVERY_STATUS:
            found = fit(TERMINATE, a_status(status, a_step(step)))
            assert found != Fit(TERMINATE) or status == 2


def test_a_step_is_only_operated_on_at_a_status_that_jobs_own_check_lets_pass():
    needs = {CONTINUE: {7}, END: {7}, RESTART: {13}, RETRY: {4, 9, 11}}
    for kind, allowed in needs.items():
        for status in EVERY_STATUS:
            for step in EVERY_STATUS:
                for what in ("approval", "script", "file"):
                    found = fit(kind, a_status(status, a_step(step, what)))
                    if isinstance(found, Fit):
                        assert step in allowed
                        assert (what == "approval") is (kind is not RETRY)


def test_one_of_several_steps_is_named_by_name_or_by_id():
    first, second = a_step(7, number=7, name="ops"), a_step(7, number=8, name="dba")
    both = a_status(7, first, second)

    assert fit(CONTINUE, both) == Unfit("L337", ("ops (7)", "dba (8)"))
    assert fit(CONTINUE, both, "dba") == fit(CONTINUE, both, "8") == Fit(CONTINUE, second)
    assert fit(CONTINUE, both, "nobody") == Unfit("L338", ("ops", "dba"))
    same = a_status(7, first, a_step(7, number=8, name="ops"))
    assert fit(CONTINUE, same, "ops") == Unfit("L337", ("ops (7)", "ops (8)"))


BEFORE = Operation(CONTINUE, NOON, 7, 7, 7, 0)


@pytest.mark.parametrize(
    ("operation", "status", "moved"),
    [
        (BEFORE, a_status(7, WAITS), False),
        (BEFORE, a_status(2, WAITS), True),
        (BEFORE, a_status(7, a_step(3)), True),
        (BEFORE, a_status(7, a_step(7, executions=1)), True),
        (BEFORE, a_status(7, a_step(2, "script", number=8), WAITS), False),
        (Operation(TERMINATE, NOON, 2), a_status(2, a_step(3), a_step(2, "script", 8)), False),
        (Operation(TERMINATE, NOON, 2), a_status(10), True),
    ],
)
def test_what_came_of_it_shows_in_the_instance_or_in_its_step(operation, status, moved):
    assert has_moved(operation, status) is moved


def test_cancelling_is_the_same_however_it_was_sent():
    ended = Operation(END, NOON, 7, 7, 7, 0)
    assert is_same(TERMINATE, ended)
    assert is_same(END, ended)
    assert not is_same(CONTINUE, ended)
    assert not is_same(END, Operation(TERMINATE, NOON, 2))
