"""How job plans are read by id and by name."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Done, Refused, Unknown
from launcher.engine.observed import PlanEntry, TemplateEntry
from launcher.engine.planname import Unresolved
from launcher.engine.spec import PlanName, Scope
from launcher.errors import SurroundingsFailed
from launcher.operations.plans import PlanReader

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE, OTHER = Scope("biz", "2"), Scope("biz", "3")
DEPLOY, PROBE = PlanName("Deploy"), PlanName("Probe", "checks")


class Server:
    """Holds the same two job plans in every scope, and answers a read with the id."""

    def __init__(self) -> None:
        self.asked: Counter[Any] = Counter()
        self.trouble: Any = None
        self.deploy = 1000
        self.was_listed = threading.Event()

    def read_plan(self, scope: Scope, plan_id: int) -> Done[int]:
        self.asked["read", scope.id, plan_id] += 1
        return Done(plan_id)

    def list_plans(self, scope: Scope) -> Any:
        self.asked["plans", scope.id] += 1
        if self.trouble is not None:
            return self.trouble
        return Done((self._entry(self.deploy, "Deploy", 500), self._entry(1001, "Probe", 501)))

    def list_templates(self, scope: Scope) -> Any:
        self.asked["templates", scope.id] += 1
        self.was_listed.set()
        return Done((TemplateEntry(500, "web"), TemplateEntry(501, "checks")))

    @staticmethod
    def _entry(plan_id: int, name: str, template: int) -> PlanEntry:
        return PlanEntry(
            plan_id, template, name, need_update=False, modified_by="ana", last_modified=""
        )


class Bench:
    """A reader, and the time it goes by."""

    def __init__(self, server: Any, pool: ThreadPoolExecutor) -> None:
        self.server = server
        self.now_s = 0.0
        self.reader = PlanReader(server, pool, lambda: self.now_s)

    def read(self, *plans: Any) -> tuple[Any, ...]:
        return self.reader.answers(plans)

    @property
    def lists(self) -> dict[Any, int]:
        return {key: count for key, count in self.server.asked.items() if key[0] != "read"}


@pytest.fixture
def bench() -> Iterator[Bench]:
    with ThreadPoolExecutor(4) as pool:
        yield Bench(Server(), pool)


def test_ids_are_read_and_nothing_is_listed(bench):
    assert bench.read((ONE, 7), (OTHER, 8), (ONE, 7)) == (Done(7), Done(8), Done(7))
    assert bench.server.asked == {("read", "2", 7): 1, ("read", "3", 8): 1}


def test_names_and_ids_are_answered_in_the_order_of_the_questions(bench):
    asked = ((ONE, PROBE), (ONE, 7), (OTHER, DEPLOY), (ONE, DEPLOY), (ONE, PlanName("Nothing")))
    *found, missing = bench.read(*asked)
    assert found == [Done(1001), Done(7), Done(1000), Done(1000)]
    assert isinstance(missing, Unresolved)


def test_each_scope_is_listed_once_for_all_its_names(bench):
    bench.read((ONE, DEPLOY), (ONE, PROBE), (OTHER, DEPLOY), (ONE, PlanName("Nothing")))
    assert bench.lists == {
        (what, scope): 1 for what in ("plans", "templates") for scope in ("2", "3")
    }


def test_a_name_and_the_id_it_stands_for_are_one_job_plan(bench):
    bench.read((ONE, DEPLOY), (ONE, 1000))
    assert bench.server.asked["read", "2", 1000] == 1


def test_a_list_is_good_for_a_few_seconds_and_then_asked_for_again(bench):
    bench.read((ONE, DEPLOY))
    bench.server.deploy = 1005
    bench.now_s = 4
    assert bench.read((ONE, DEPLOY)) == (Done(1000),)
    bench.now_s = 6
    assert bench.read((ONE, DEPLOY)) == (Done(1005),)
    assert bench.lists["plans", "2"] == 2


def test_names_are_looked_up_anew_and_at_once_where_they_will_be_asked_for_again(bench):
    bench.read((ONE, DEPLOY), (OTHER, DEPLOY))
    bench.server.deploy = 1005
    bench.server.was_listed.clear()
    bench.reader.read_again([(ONE, DEPLOY, 1000), (ONE, PROBE, 1001), (OTHER, 1000, 1000)])
    assert bench.server.was_listed.wait(10), "before anybody waits for it"
    assert bench.read((ONE, DEPLOY), (ONE, PROBE)) == (Done(1005), Done(1001))
    assert (bench.lists["plans", "2"], bench.lists["plans", "3"]) == (2, 1)
    assert bench.read((OTHER, DEPLOY)) == (Done(1005),)
    assert bench.lists["plans", "3"] == 2


@pytest.mark.parametrize("trouble", [Unknown("no answer"), Refused("no", 9900403)])
def test_where_a_scope_cannot_be_listed_its_names_have_that_answer_and_ids_their_own(
    bench, trouble
):
    bench.server.trouble = trouble
    assert bench.read((ONE, DEPLOY), (ONE, 7)) == (trouble, Done(7))
    assert bench.reader.meaning(ONE, DEPLOY) is None
    bench.server.trouble = None
    assert bench.read((ONE, DEPLOY)) == (Done(1000),)


def test_trouble_that_is_expected_is_an_answer(bench):
    def raises(_: Scope) -> None:
        raise SurroundingsFailed(Diagnostic("L544", {"path": "state", "problem": "full"}))

    bench.server.list_templates = raises
    (found,) = bench.read((ONE, DEPLOY))
    assert isinstance(found, Unknown)
    assert "L544" in found.message


def test_what_other_names_stand_for_is_known_from_what_was_listed_and_asks_nobody(bench):
    assert bench.reader.meaning(ONE, PROBE) is None
    bench.read((ONE, DEPLOY))
    before = Counter(bench.server.asked)
    assert bench.reader.meaning(ONE, PROBE) == 1001
    assert bench.reader.meaning(ONE, PlanName("Nothing")) is None
    assert bench.reader.meaning(OTHER, PROBE) is None
    assert bench.server.asked == before
