"""What every back end of the ledger promises, asked of each of them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from launcher.engine.effects import Appended, HeadMoved
from launcher.engine.events import NO_HEAD, Draft, Event, Head, Kind
from launcher.engine.fold import fold
from launcher.engine.recorded import Recorded, Session
from launcher.errors import RefusedToAct
from tests.support.ledgers import (
    NOON,
    a_bare_repository,
    a_file_ledger,
    a_git_ledger,
    a_whole_launch,
    about,
    an_author,
    closed,
    created,
    intended,
    opened,
    prepared,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from launcher.ledger.port import Author, Ledger


class BackEnd(Protocol):
    """One kind of ledger, at one place; each `open` gives an object as a new process would make it."""

    def open(self, author: Author | None = None) -> Ledger: ...

    @property
    def rounds(self) -> int:
        """How many appends a test with many writers makes of each."""
        ...


@dataclass(frozen=True)
class FileBackEnd:
    folder: Path
    rounds: int = 10

    def open(self, author: Author | None = None) -> Ledger:
        return a_file_ledger(self.folder, author=author)


@dataclass(frozen=True)
class GitBackEnd:
    folder: Path
    rounds: int = 4

    def open(self, author: Author | None = None) -> Ledger:
        remote = self.folder / "remote.git"
        if not remote.exists():
            a_bare_repository(remote)
        return a_git_ledger(remote, author=author)


BACK_ENDS: Mapping[str, Callable[[Path], BackEnd]] = {"file": FileBackEnd, "git": GitBackEnd}


@pytest.fixture(params=sorted(BACK_ENDS))
def back_end(request: pytest.FixtureRequest, tmp_path: Path) -> BackEnd:
    return BACK_ENDS[request.param](tmp_path / "ledger")


@pytest.fixture
def back_end_that_knows_the_living(tmp_path: Path) -> BackEnd:
    """One that can tell whether another process lives."""
    return FileBackEnd(tmp_path / "ledger")


@pytest.fixture
def back_end_without_a_sign_of_life(tmp_path: Path) -> BackEnd:
    """One where only a head that moves tells that somebody lives."""
    return GitBackEnd(tmp_path / "ledger")


def append(ledger: Ledger, *drafts: Draft) -> Head:
    """Record `drafts` on the present head, which nobody else moves; the new head."""
    answer = ledger.append(drafts, ledger.read().head)
    assert isinstance(answer, Appended)
    return answer.events[-1].head


# --- append and read --------------------------------------------------------------------------


def test_a_ledger_that_is_not_there_is_empty(back_end: BackEnd) -> None:
    ledger = back_end.open()
    assert ledger.read() == Recorded()
    assert list(ledger.events()) == []
    assert ledger.hash_at(1) is None
    assert ledger.notes == ()


def test_what_was_appended_is_read_back_by_another_process_object(back_end: BackEnd) -> None:
    author = an_author("bo", ci={"system": "github", "run": "17"}, commit=None)
    answer = back_end.open(author).append((created(), *a_whole_launch()), NO_HEAD)
    assert isinstance(answer, Appended)
    reader = back_end.open()
    assert tuple(reader.events()) == answer.events
    assert reader.read() == fold(Recorded(), answer.events)
    first = answer.events[0]
    assert (first.serial, first.actor, first.commit) == (1, "bo", None)
    assert first.ci == {"system": "github", "run": "17"}


def test_events_are_numbered_chained_and_found_by_serial(back_end: BackEnd) -> None:
    ledger = back_end.open()
    append(ledger, created())
    append(ledger, *a_whole_launch())
    events = list(ledger.events())
    assert [item.serial for item in events] == list(range(1, 8))
    assert [item.previous for item in events] == ["", *(item.hash for item in events[:-1])]
    assert [ledger.hash_at(number) for number in (0, 7, 8)] == [None, events[6].hash, None]


def test_the_same_words_twice_are_two_different_events(back_end: BackEnd) -> None:
    ledger = back_end.open()
    append(ledger, created())
    append(ledger, opened(), opened())
    first, second = list(ledger.events())[1:]
    assert first.id != second.id
    assert first.hash != second.hash


def test_a_reader_sees_what_others_appended_since(back_end: BackEnd) -> None:
    reader, writer = back_end.open(), back_end.open()
    append(writer, created())
    before = reader.read()
    append(writer, opened())
    assert reader.read() == fold(before, list(writer.events())[1:])


def test_text_of_every_kind_survives(back_end: BackEnd) -> None:
    ledger = back_end.open()
    words = 'é 发布 \u202e \x00 \n \u2028 \ud800 \U0001f680 " \\'
    append(ledger, created(), Draft(Kind.OVERRIDDEN, data={"rule": "r", "reason": words}))
    assert list(back_end.open().events())[1].draft.data["reason"] == words


# --- compare-and-swap -------------------------------------------------------------------------


def test_an_append_on_an_old_head_records_nothing_and_tells_what_came(back_end: BackEnd) -> None:
    one, two = back_end.open(), back_end.open()
    head = append(one, created())
    append(two, opened("s2"), closed("s2"))
    answer = one.append((opened("s1"),), head)
    assert answer == HeadMoved(tuple(one.events())[1:])
    assert len(list(one.events())) == 3
    assert one.read().head == two.read().head


def test_what_came_since_an_older_head_is_told_in_full(back_end: BackEnd) -> None:
    ledger = back_end.open()
    first = append(ledger, created())
    append(ledger, opened("s2"))
    append(ledger, closed("s2"))
    assert ledger.append((opened("s1"),), first) == HeadMoved(tuple(ledger.events())[1:])


def test_only_one_of_two_creates_the_ledger(back_end: BackEnd) -> None:
    one, two = back_end.open(), back_end.open()
    assert isinstance(one.append((created("one"),), NO_HEAD), Appended)
    assert isinstance(two.append((created("two"),), NO_HEAD), HeadMoved)
    assert back_end.open().read().lineage == "one"


def test_an_append_on_a_head_that_never_was_is_refused(back_end: BackEnd) -> None:
    ledger = back_end.open()
    append(ledger, created())
    with pytest.raises(RefusedToAct) as caught:
        ledger.append((opened(),), Head(1, "sha256:" + "0" * 64))
    assert [item.code for item in caught.value.diagnostics] == ["L408"]
    assert len(list(ledger.events())) == 1


def test_events_that_make_no_sense_are_not_recorded(back_end: BackEnd) -> None:
    ledger = back_end.open()
    head = append(ledger, created())
    with pytest.raises(ValueError, match="cannot follow"):
        ledger.append((about(Kind.STARTING, "nobody"),), head)
    with pytest.raises(ValueError, match="nothing to append"):
        ledger.append((), head)
    assert back_end.open().read().head == head


def _write_ten(back_end: BackEnd, writer: int) -> None:
    ledger = back_end.open(an_author(f"writer-{writer}"))
    head = ledger.read().head
    for number in range(back_end.rounds):
        name = f"launch-{writer}-{number}"
        while True:
            answer = ledger.append((intended(name), prepared(name)), head)
            if isinstance(answer, Appended):
                head = answer.events[-1].head
                break
            assert isinstance(answer, HeadMoved)
            head = answer.since[-1].head


def test_twelve_writers_at_once_lose_nothing(back_end: BackEnd) -> None:
    append(back_end.open(), created())
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_ten, args=(back_end, item)) for item in range(12)]
    for process in writers:
        process.start()
    for process in writers:
        process.join()
    assert [process.exitcode for process in writers] == [0] * 12
    recorded = back_end.open().read()
    assert recorded.head.serial == 1 + 12 * back_end.rounds * 2
    assert len(recorded.launches) == 12 * back_end.rounds
    assert {item.newest.instance_id for item in recorded.launches.values()} == {20000000001}


# --- sessions ---------------------------------------------------------------------------------


def a_session(session_id: str, host: str = "build-1") -> Session:
    return Session(session_id, NOON, "ana", host, 4242, None)


def test_a_session_lives_as_long_as_it_is_held(back_end_that_knows_the_living: BackEnd) -> None:
    back_end = back_end_that_knows_the_living
    holder, other = back_end.open(), back_end.open()
    with holder.hold("s1"):
        assert other.liveness(a_session("s1")) is True
        assert holder.liveness(a_session("s1")) is True
        assert other.liveness(a_session("s2")) is False
    assert other.liveness(a_session("s1")) is False


def test_two_sessions_live_side_by_side(back_end_that_knows_the_living: BackEnd) -> None:
    back_end = back_end_that_knows_the_living
    one, two = back_end.open(), back_end.open()
    with one.hold("s1"), two.hold("s2"):
        assert one.liveness(a_session("s2")) is True
        assert two.liveness(a_session("s1")) is True


def test_nothing_is_known_of_a_session_on_another_machine(back_end: BackEnd) -> None:
    with back_end.open().hold("s1"):
        assert back_end.open().liveness(a_session("s1", host="elsewhere")) is None


def _hold_forever(back_end: BackEnd) -> None:
    with back_end.open().hold("s1"):
        signal.pause()


def test_a_killed_holder_frees_its_session(back_end_that_knows_the_living: BackEnd) -> None:
    back_end = back_end_that_knows_the_living
    process = multiprocessing.get_context("fork").Process(target=_hold_forever, args=(back_end,))
    process.start()
    ledger = back_end.open()
    deadline = time.monotonic() + 20
    while ledger.liveness(a_session("s1")) is not True:
        assert time.monotonic() < deadline
        os.sched_yield()
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert ledger.liveness(a_session("s1")) is False
    with ledger.hold("s2"):
        assert ledger.liveness(a_session("s1")) is False


def test_where_no_one_gives_a_sign_of_life_only_ones_own_session_is_known_to_live(
    back_end_without_a_sign_of_life: BackEnd,
) -> None:
    holder, other = (back_end_without_a_sign_of_life.open() for _ in range(2))
    with holder.hold("s1"):
        assert holder.liveness(a_session("s1")) is True
        assert other.liveness(a_session("s1")) is None
    assert holder.liveness(a_session("s1")) is None


def test_a_living_session_shows_itself_one_way_or_the_other(back_end: BackEnd) -> None:
    ledger = back_end.open()
    knows_the_living = back_end.open().liveness(a_session("nobody")) is False
    assert (ledger.heartbeat_s is None) == knows_the_living
    assert ledger.notes_s >= 0


# --- set aside --------------------------------------------------------------------------------


def test_a_ledger_that_was_set_aside_is_kept_and_a_new_one_begins(back_end: BackEnd) -> None:
    ledger = back_end.open()
    assert ledger.set_aside() is None
    append(ledger, created("old"))
    assert ledger.set_aside() is not None
    assert ledger.read() == Recorded()
    append(ledger, created("new"))
    assert back_end.open().read().lineage == "new"


def test_what_others_have_written_since_is_not_set_aside(back_end: BackEnd) -> None:
    """Two people restore a lost ledger at once: the second must not put away what the first has made."""
    append(back_end.open(), created("lost"))
    first, second = back_end.open(), back_end.open()
    assert first.read() == second.read()
    assert first.set_aside() is not None
    append(first, created("new"))
    with pytest.raises(RefusedToAct) as caught:
        second.set_aside()
    assert [item.code for item in caught.value.diagnostics] == ["L456"]
    assert back_end.open().read().lineage == "new"


def test_what_one_has_written_oneself_is_set_aside(back_end: BackEnd) -> None:
    ledger = back_end.open()
    append(ledger, created("old"))
    append(ledger, *a_whole_launch())
    assert ledger.set_aside() is not None
    assert back_end.open().read() == Recorded()


# --- laws -------------------------------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NOTES = st.builds(
    Draft,
    st.sampled_from([Kind.OVERRIDDEN, Kind.ANCHORED]),
    data=st.dictionaries(st.text(), VALUES, max_size=4),
)
LAUNCHES = st.from_regex(r"[a-z]{1,3}", fullmatch=True).map(a_whole_launch)


@pytest.mark.parametrize(("kind", "examples"), [("file", 60), ("git", 12)])
def test_any_events_survive_and_any_cut_of_them_adds_up_to_the_same(
    tmp_path_factory: pytest.TempPathFactory, kind: str, examples: int
) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(groups=st.lists(st.lists(NOTES, min_size=1, max_size=4) | LAUNCHES, max_size=5))
    def law(groups: list[tuple[Draft, ...]]) -> None:
        back_end = BACK_ENDS[kind](tmp_path_factory.mktemp("law"))
        writer, follower = back_end.open(), back_end.open()
        head = NO_HEAD
        appended: list[Event] = []
        for drafts in groups:
            answer = writer.append(tuple(drafts), head)
            assert isinstance(answer, Appended)
            assert [item.draft for item in answer.events] == list(drafts)
            appended.extend(answer.events)
            head = answer.events[-1].head
            assert follower.read().head == head
        assert list(back_end.open().events()) == appended
        assert follower.read() == back_end.open().read() == fold(Recorded(), appended)
        for cut in range(len(appended) + 1):
            assert fold(fold(Recorded(), appended[:cut]), appended[cut:]) == follower.read()

    law()
