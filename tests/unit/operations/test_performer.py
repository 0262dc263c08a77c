"""How effects are performed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import (
    Append,
    Await,
    Begin,
    Done,
    Instance,
    Mint,
    Moment,
    NoAnswer,
    Operate,
    OperationRequest,
    Prepare,
    PrepareRequest,
    ReadBack,
    ReadClock,
    ReadPlans,
    ReadStatus,
    Start,
    StartAnswer,
    StartRequest,
    Unknown,
    Unsent,
    Wait,
    Withdraw,
)
from launcher.engine.events import NO_HEAD
from launcher.engine.observed import InstanceRef, PlanEntry, TemplateEntry
from launcher.engine.recorded import OperationKind
from launcher.engine.spec import EffectiveSpec, PlanName, Scope
from launcher.errors import RefusedToAct, SurroundingsFailed
from launcher.operations.drive import drive
from launcher.operations.performer import Performer
from tests.support.ledgers import a_file_ledger, created
from tests.support.workspaces import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCOPE = Scope("biz", "2")
NEVER = float("inf")
"""A deadline that is never over."""


class Server:
    """Answers with what it was asked; the first question is answered last."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.second = threading.Event()
        self.read: list[int] = []
        self.was_read = threading.Event()
        self.second_prepared = threading.Event()
        self.meant = 7

    def list_plans(self, _: Scope) -> Done[tuple[PlanEntry, ...]]:
        """The scope has one job plan, called Deploy."""
        entry = PlanEntry(
            self.meant, 500, "Deploy", need_update=False, modified_by="ana", last_modified=""
        )
        return Done((entry,))

    def list_templates(self, _: Scope) -> Done[tuple[TemplateEntry, ...]]:
        return Done((TemplateEntry(500, "web"),))

    def prepare(self, request: PrepareRequest, *_: object) -> Done[Instance]:
        """Instance 2 is prepared only once instance 1 was read back."""
        number = int(request.marker[1] if request.marker else "")
        if number == 2 and not self.second_prepared.is_set():
            assert self.was_read.wait(10)
        return Done(Instance(number, "web"))

    def read_back(self, instance: InstanceRef) -> Done[int]:
        self.read.append(instance.id)
        self.was_read.set()
        return Done(instance.id)

    def read_status(self, instance: InstanceRef) -> Done[int]:
        self.asked.append(instance.id)
        if instance.id == 1:
            assert self.second.wait(10)
        else:
            self.second.set()
        return Done(instance.id)

    def read_plan(self, _: Scope, plan_id: int) -> Done[int]:
        self.asked.append(plan_id)
        if plan_id == 13:
            raise SurroundingsFailed(Diagnostic("L544", {"path": "state", "problem": "full"}))
        return Done(plan_id)


@pytest.fixture
def place(tmp_path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def performer(place, server) -> Iterator[Performer]:
    with Performer(server, a_file_ledger(place.root), {}, place.surroundings, 4) as found:
        yield found


def test_calls_are_made_at_the_same_time_and_answers_keep_the_order_of_questions(performer):
    instances = (InstanceRef(SCOPE, 1), InstanceRef(SCOPE, 2))
    assert performer.perform(ReadStatus(instances)) == (Done(1), Done(2))


def test_a_job_plan_is_read_once_however_many_launches_use_it(performer, server):
    answers = performer.perform(ReadPlans(((SCOPE, 7), (SCOPE, 8), (SCOPE, 7))))
    assert answers == (Done(7), Done(8), Done(7))
    assert sorted(server.asked) == [7, 8]


def test_what_is_prepared_is_read_back_once_and_while_others_are_prepared(performer, server):
    assert performer.perform(Prepare((_request(1), _request(2)), NEVER)) == (
        _created(1),
        _created(2),
    )
    instances = (InstanceRef(SCOPE, 1), InstanceRef(SCOPE, 2))
    assert performer.perform(ReadBack(instances)) == (Done(1), Done(2))
    assert sorted(server.read) == [1, 2]
    assert performer.perform(ReadBack(instances)) == (Done(1), Done(2))
    assert sorted(server.read) == [1, 1, 2, 2]


def test_what_was_read_back_long_ago_is_read_again(performer, server, place):
    server.second_prepared.set()
    performer.perform(Prepare((_request(1),), NEVER))
    assert server.was_read.wait(10)
    place.clock.sleep(6)
    assert performer.perform(ReadBack((InstanceRef(SCOPE, 1),))) == (Done(1),)
    assert server.read == [1, 1]


def test_a_job_plan_is_read_again_after_a_prepare_and_not_before_the_next(performer, server):
    server.second_prepared.set()
    plans = ReadPlans(((SCOPE, 7),))
    performer.perform(plans)
    performer.perform(Prepare((_request(2),), NEVER))
    for _ in range(2):
        assert performer.perform(plans) == (Done(7),)
        assert server.asked == [7, 7]
    performer.perform(Prepare((_request(3),), NEVER))
    performer.perform(plans)
    assert server.asked == [7, 7, 7]


def test_a_name_is_looked_up_again_after_a_prepare(performer, server):
    server.second_prepared.set()
    name = PlanName("Deploy")
    plans = ReadPlans(((SCOPE, name),))
    assert performer.perform(plans) == (Done(7),)
    request = PrepareRequest(EffectiveSpec(SCOPE, name), 7, ("MARKER", "2"))
    server.meant = 8
    performer.perform(Prepare((request,), NEVER))
    assert performer.perform(plans) == (Done(8),)


def test_a_job_plan_that_could_not_be_read_is_asked_for_again(performer, server):
    for _ in range(2):
        performer.perform(ReadPlans(((SCOPE, 13),)))
    assert server.asked == [13, 13]


def _request(instance: int) -> PrepareRequest:
    """One that creates the instance of that id."""
    return PrepareRequest(EffectiveSpec(SCOPE, 7), 7, ("MARKER", str(instance)))


def _created(instance: int) -> Done[Instance]:
    return Done(Instance(instance, "web"))


def test_a_failure_of_one_call_is_an_unknown_answer_and_the_others_stand(performer):
    good, bad = performer.perform(ReadPlans(((SCOPE, 7), (SCOPE, 13))))
    assert good == Done(7)
    assert isinstance(bad, Unknown)
    assert "L544" in bad.message


def test_a_ledger_that_cannot_be_written_is_no_answer_and_the_reason_is_kept(performer, place):
    (place.root / "production.jsonl").write_text("not an event\n")
    answer = performer.perform(Append((created(),), NO_HEAD))
    assert isinstance(answer, NoAnswer)
    assert isinstance(performer.failure, RefusedToAct)


def test_time_passes_and_the_wish_to_stop_is_seen(performer, place):
    before = performer.perform(ReadClock())
    assert performer.perform(Wait(30)) is None
    place.signal = 2
    after = performer.perform(ReadClock())
    assert isinstance(before, Moment)
    assert (after.monotonic_s - before.monotonic_s, before.stop, after.stop) == (30, False, True)


def test_nonces_differ_and_have_32_digits(performer):
    drawn = performer.perform(Mint(3))
    assert len(set(drawn)) == 3
    assert {len(item) for item in drawn} == {32}


def test_a_flow_is_driven_to_its_end_and_heard_on_the_way():
    heard: list[tuple[Any, Any]] = []

    def flow() -> Any:
        first = yield Mint(1)
        second = yield Wait(first)
        return second

    done: Any = drive(flow(), lambda effect: f"did {effect}", lambda *item: heard.append(item))

    assert done == "did Wait(seconds='did Mint(count=1)')"
    assert len(heard) == 2


def test_what_is_begun_is_answered_one_at_a_time_whichever_is_first(performer):
    assert performer.perform(Begin(1, ReadStatus((InstanceRef(SCOPE, 1),)))) is None
    performer.perform(Begin(2, ReadStatus((InstanceRef(SCOPE, 2),))))
    # The first is answered only once the second was asked.
    answers = dict(performer.perform(Await()) for _ in range(2))
    assert answers == {1: (Done(1),), 2: (Done(2),)}


def test_what_asks_nothing_is_answered_at_once(performer):
    performer.perform(Begin(7, ReadStatus(())))
    assert performer.perform(Await()) == (7, ())


def test_what_was_withdrawn_is_not_sent_and_what_only_reads_is(performer, server):
    """Four threads are busy, so that what is begun behind them has not left when it is withdrawn."""
    held = threading.Event()
    asked: list[int] = []

    def start(request: StartRequest, *_: object) -> Done[StartAnswer]:
        asked.append(request.instance.id)
        assert held.wait(10)
        return Done(StartAnswer.ACCEPTED)

    server.start = start
    requests = tuple(StartRequest(InstanceRef(SCOPE, number)) for number in range(6))
    performer.perform(Begin(1, Start(requests, 0)))
    while len(asked) < 4:
        threading.Event().wait(0.001)
    performer.perform(Withdraw())
    held.set()
    _, answers = performer.perform(Await())
    assert [isinstance(item, Unsent) for item in answers] == [False] * 4 + [True] * 2
    assert sorted(asked) == [0, 1, 2, 3]
    server.second.set()
    assert performer.perform(ReadStatus((InstanceRef(SCOPE, 1),))) == (Done(1),)
    assert performer.perform(Prepare((_request(1),), NEVER)) == (Unsent(),)


def test_what_waits_at_the_server_learns_that_it_was_withdrawn(performer, server):
    """A thread has it already, and it has not left: only the server knows when it does."""
    taken, withdrawn = threading.Barrier(3), threading.Event()

    def waits(ask: Callable[[], bool]) -> Unsent:
        assert not ask()
        taken.wait(10)
        assert withdrawn.wait(10)
        assert ask()
        return Unsent()

    server.start = lambda *given: waits(given[-1])
    server.prepare = lambda *given: waits(given[-1])
    performer.perform(Begin(1, Start((StartRequest(InstanceRef(SCOPE, 1)),), NEVER)))
    performer.perform(Begin(2, Prepare((_request(2),), NEVER)))
    taken.wait(10)
    performer.perform(Withdraw())
    withdrawn.set()
    assert dict(performer.perform(Await()) for _ in range(2)) == {
        1: (Unsent(),),
        2: (Unsent(),),
    }


def test_an_operation_has_its_deadline_and_learns_that_it_was_withdrawn(performer, server):
    asked: list[float] = []

    def operate(_: OperationRequest, deadline_s: float, withdrawn: Callable[[], bool]) -> Any:
        asked.append(deadline_s)
        assert not withdrawn()
        performer.perform(Withdraw())
        return Unsent() if withdrawn() else Done(None)

    server.operate = operate
    request = OperationRequest(InstanceRef(SCOPE, 1), OperationKind.TERMINATE)
    assert performer.perform(Operate((request,), 12.5)) == (Unsent(),)
    assert performer.perform(Operate((request,), 12.5)) == (Unsent(),)
    assert asked == [12.5], "what is withdrawn already does not reach the server"


def test_what_has_not_left_when_the_performer_ends_never_does(place, server):
    """However a run ends: what is under way is awaited, and nothing of what waits is sent."""
    taken = threading.Barrier(5)
    asked: list[int] = []
    refused: list[bool] = []

    def start(request: StartRequest, _: float, withdrawn: Callable[[], bool]) -> Any:
        asked.append(request.instance.id)
        taken.wait(10)
        tries = (withdrawn() or threading.Event().wait(0.005) for _ in range(1000))
        refused.append(any(tries))
        return Unsent()

    server.start = start
    with Performer(server, a_file_ledger(place.root), {}, place.surroundings, 4) as performer:
        performer.perform(Begin(1, Start(tuple(map(_start, range(9))), NEVER)))
        taken.wait(10)
    assert sorted(asked) == [0, 1, 2, 3]
    assert refused == [True] * 4


def test_what_was_begun_is_answered_once_however_many_requests_it_holds(performer, server):
    server.second.set()
    many = tuple(InstanceRef(SCOPE, number) for number in range(2, 12))
    performer.perform(Begin(1, ReadStatus(many)))
    assert performer.perform(Await()) == (1, tuple(Done(item.id) for item in many))
    performer.perform(Begin(2, ReadStatus(many[:2])))
    assert performer.perform(Await())[0] == 2


def _start(instance: int) -> StartRequest:
    return StartRequest(InstanceRef(SCOPE, instance))


def test_a_start_goes_before_all_that_was_begun_before_it(performer, server):
    """However many reads wait for a thread, a START has one of its own."""
    held, started = threading.Event(), threading.Event()

    def read_status(instance: InstanceRef) -> Done[int]:
        assert held.wait(10)
        return Done(instance.id)

    def start(*_: object) -> Done[StartAnswer]:
        started.set()
        return Done(StartAnswer.ACCEPTED)

    server.read_status, server.start = read_status, start
    performer.perform(Begin(1, ReadStatus(tuple(InstanceRef(SCOPE, n) for n in range(20)))))
    performer.perform(Begin(2, Start((StartRequest(InstanceRef(SCOPE, 30)),), 0)))
    assert started.wait(10)
    assert performer.perform(Await())[0] == 2
    held.set()
    assert performer.perform(Await())[0] == 1
