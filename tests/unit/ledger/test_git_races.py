"""Who wins a race for the head of a branch, and what a lost answer is told apart from."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from launcher.catalogue import texts
from launcher.diagnostics import Diagnostic
from launcher.engine.effects import Appended, HeadMoved, NoAnswer, Overtaken
from launcher.engine.events import Draft, Head, Kind
from launcher.errors import SurroundingsFailed
from launcher.ledger.git_place import GitPlace, Pushed, Verdict
from tests.support.ledgers import (
    BRANCH,
    NOON,
    a_bare_repository,
    a_git_ledger,
    closed,
    created,
    git,
    opened,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from launcher.engine.effects import AppendOutcome
    from launcher.ledger.git import GitLedger

NOTE = Draft(Kind.OVERRIDDEN, data={"rule": "r", "reason": "same"})


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return a_bare_repository(tmp_path / "remote.git")


@pytest.fixture
def ledger(remote: Path) -> GitLedger:
    """A ledger of one event, which its object has read."""
    made = a_git_ledger(remote)
    assert isinstance(made.append((created(),), made.read().head), Appended)
    return made


def head_of(ledger: GitLedger) -> Head:
    return ledger._tree.recorded.head


def hook(remote: Path, name: str, script: str) -> None:
    """Let the remote run `script` at `name`."""
    path = remote / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def lose_the_answer(remote: Path, *, times: int = 1) -> None:
    """Let the remote die right after it has moved a branch, before it says so, the next `times`."""
    for number in range(times):
        (remote / f"once-{number}").touch()
    hook(
        remote,
        "reference-transaction",
        'cat > /dev/null\n[ "$1" = committed ] || exit 0\n'
        'for once in "$GIT_DIR"/once-*; do rm "$once" 2>/dev/null && kill -9 $PPID; break; done\n'
        "exit 0",
    )


def lose_the_push(remote: Path) -> None:
    """Let the remote die before it does anything, once."""
    (remote / "once").touch()
    hook(remote, "pre-receive", 'rm "$GIT_DIR/once" 2>/dev/null && kill -9 $PPID\nexit 0')


@pytest.fixture
def verdicts(monkeypatch: pytest.MonkeyPatch) -> list[Verdict]:
    """How the pushes went, in order."""
    seen: list[Verdict] = []
    really = GitPlace.push

    def push(self: GitPlace, commit: str | None, ref: str, expected: str | None) -> object:
        pushed = really(self, commit, ref, expected)
        seen.append(pushed.verdict)
        return pushed

    monkeypatch.setattr(GitPlace, "push", push)
    return seen


def before_looking(ledger: GitLedger, act: Callable[[], object]) -> None:
    """Let `act` happen before the next fetch of `ledger`."""
    really = ledger._place.fetch
    waiting = [act]

    def fetch() -> str | None:
        if waiting:
            waiting.pop()()
        return really()

    ledger._place.fetch = fetch  # type: ignore[method-assign]


# --- races ------------------------------------------------------------------------------------


@pytest.mark.parametrize("same_second", [True, False])
def test_of_two_clones_that_race_for_the_head_one_wins_each_time(
    remote: Path, *, same_second: bool
) -> None:
    """Fifteen races each; with the same event in the same second only the random ids tell them apart."""
    clock = (lambda: NOON) if same_second else None
    ledgers = [a_git_ledger(remote, clock=clock) for _ in range(2)]
    assert isinstance(ledgers[0].append((created(),), ledgers[0].read().head), Appended)
    barrier = Barrier(2)

    def race(ledger: GitLedger) -> AppendOutcome:
        expected = head_of(ledger)
        barrier.wait(60)
        return ledger.append((NOTE,), expected)

    with ThreadPoolExecutor(2) as pool:
        for number in range(15):
            for ledger in ledgers:
                ledger.read()
            answers = list(pool.map(race, ledgers))
            won = [item for item in answers if isinstance(item, Appended)]
            lost = [item for item in answers if isinstance(item, HeadMoved)]
            assert (len(won), len(lost)) == (1, 1), answers
            assert lost[0].since == won[0].events
            assert git(remote, "rev-list", "--count", BRANCH) == str(number + 2)


def test_of_two_that_create_the_ledger_at_once_one_wins(remote: Path) -> None:
    ledgers = [a_git_ledger(remote, clock=lambda: NOON) for _ in range(2)]
    for item in ledgers:
        item.read()
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda item: item.append((created(),), head_of(item)), ledgers),
        )
    assert sorted(type(item).__name__ for item in answers) == ["Appended", "HeadMoved"]


# --- lost answers -----------------------------------------------------------------------------


def test_a_push_whose_answer_is_lost_after_it_took_hold_is_found_to_be_recorded(
    remote: Path, ledger: GitLedger, verdicts: list[Verdict]
) -> None:
    lose_the_answer(remote)
    answer = ledger.append((opened(),), head_of(ledger))
    assert verdicts == [Verdict.NOT_KNOWN]
    assert isinstance(answer, Appended)
    assert tuple(a_git_ledger(remote).events())[1:] == answer.events
    assert isinstance(ledger.append((closed(),), head_of(ledger)), Appended)
    assert git(remote, "rev-list", "--count", BRANCH) == "3"


def test_a_lost_answer_with_others_on_top_is_told_as_overtaken(
    remote: Path, ledger: GitLedger, verdicts: list[Verdict]
) -> None:
    lose_the_answer(remote)
    other = a_git_ledger(remote)
    before_looking(ledger, lambda: other.append((NOTE,), other.read().head))
    answer = ledger.append((opened(),), head_of(ledger))
    assert verdicts[0] is Verdict.NOT_KNOWN
    assert answer == Overtaken(tuple(a_git_ledger(remote).events())[1:])
    assert isinstance(answer, Overtaken)
    assert [item.draft.kind for item in answer.since] == [Kind.OPENED, Kind.OVERRIDDEN]


def test_a_lost_answer_is_told_apart_from_a_lost_race(
    remote: Path, ledger: GitLedger, verdicts: list[Verdict]
) -> None:
    lose_the_push(remote)
    other = a_git_ledger(remote)
    before_looking(ledger, lambda: other.append((NOTE,), other.read().head))
    answer = ledger.append((opened(),), head_of(ledger))
    assert verdicts[0] is Verdict.NOT_KNOWN
    assert answer == HeadMoved(tuple(a_git_ledger(remote).events())[1:])
    assert [item.draft.kind for item in ledger.events()] == [Kind.CREATED, Kind.OVERRIDDEN]


def test_a_push_that_never_arrived_is_pushed_again_as_the_same_commit(
    remote: Path, ledger: GitLedger, verdicts: list[Verdict]
) -> None:
    lose_the_push(remote)
    answer = ledger.append((opened(),), head_of(ledger))
    assert verdicts == [Verdict.NOT_KNOWN, Verdict.TOOK]
    assert isinstance(answer, Appended)
    assert tuple(a_git_ledger(remote).events())[1:] == answer.events


def test_a_push_that_arrives_late_is_not_recorded_twice(
    remote: Path, ledger: GitLedger, verdicts: list[Verdict]
) -> None:
    """It takes hold after the look that did not find it, and before it is pushed again."""
    lose_the_push(remote)
    pushed: list[str] = []
    really = ledger._place.commit

    def commit(*arguments: object) -> object:
        made = really(*arguments)  # type: ignore[arg-type]
        pushed.append(made[0])
        return made

    def arrive(_: float) -> None:
        place = ledger._place
        GitPlace.push(place, pushed[0], place._ref, git(remote, "rev-parse", BRANCH))

    ledger._place.commit = commit  # type: ignore[method-assign, assignment]
    ledger._pause = arrive
    answer = ledger.append((opened(),), head_of(ledger))
    assert isinstance(answer, Appended)
    assert verdicts == [Verdict.NOT_KNOWN, Verdict.TOOK, Verdict.NOT_KNOWN]
    assert tuple(a_git_ledger(remote).events())[1:] == answer.events


def test_without_any_answer_nothing_is_known_and_nothing_more_is_appended(
    remote: Path, ledger: GitLedger
) -> None:
    lose_the_answer(remote)
    moved = remote.with_name("moved.git")
    before_looking(ledger, lambda: remote.rename(moved))
    answer = ledger.append((opened(),), head_of(ledger))
    assert isinstance(answer, NoAnswer)
    assert BRANCH in answer.message
    moved.rename(remote)
    assert ledger.append((closed(),), head_of(ledger)) == answer
    assert a_git_ledger(remote).read().session is not None


def test_a_push_that_cannot_be_repeated_leaves_the_first_one_in_doubt(
    ledger: GitLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first may still arrive, whatever keeps git from being run a second time."""
    answers = [lambda: Pushed(Verdict.NOT_KNOWN, "hung"), lambda: fail("no memory")]

    def fail(problem: str) -> Pushed:
        raise SurroundingsFailed(Diagnostic("L521", {"what": "push", "problem": problem}))

    monkeypatch.setattr(GitPlace, "push", lambda *_: answers.pop(0)())
    answer = ledger.append((opened(),), head_of(ledger))
    assert isinstance(answer, NoAnswer)
    assert "hung" in answer.message
    assert "no memory" in answer.message


def test_a_git_that_hangs_is_ended_and_nothing_is_known(remote: Path, ledger: GitLedger) -> None:
    ledger._place._limit_s = 3
    hook(remote, "pre-receive", "exec sleep 600")
    answer = ledger.append((opened(),), head_of(ledger))
    assert isinstance(answer, NoAnswer)
    assert "did not answer within 3s" in answer.message
    assert a_git_ledger(remote).read().session is None


# --- refusals ---------------------------------------------------------------------------------


def refusal(act: Callable[[], object]) -> Diagnostic:
    with pytest.raises(SurroundingsFailed) as caught:
        act()
    return caught.value.diagnostics[0]


def test_a_remote_that_refuses_has_recorded_nothing_for_certain(
    remote: Path, ledger: GitLedger, verdicts: list[Verdict]
) -> None:
    hook(remote, "pre-receive", "exit 1")
    found = refusal(lambda: ledger.append((opened(),), head_of(ledger)))
    assert found.code == "L453"
    assert "pre-receive hook declined" in texts(found).detail
    assert verdicts == [Verdict.REFUSED]
    hook(remote, "pre-receive", "exit 0")
    assert isinstance(ledger.append((opened(),), head_of(ledger)), Appended)


def test_a_lock_of_somebody_else_at_work_is_waited_for(
    remote: Path, ledger: GitLedger, verdicts: list[Verdict]
) -> None:
    lock = remote / "refs" / "heads" / f"{BRANCH}.lock"
    lock.touch()
    ledger._pause = lambda _: lock.unlink()
    assert isinstance(ledger.append((opened(),), head_of(ledger)), Appended)
    assert verdicts == [Verdict.REFUSED, Verdict.TOOK]


def test_a_lock_that_stays_is_told_after_a_few_tries(
    remote: Path, ledger: GitLedger, verdicts: list[Verdict]
) -> None:
    (remote / "refs" / "heads" / f"{BRANCH}.lock").touch()
    pauses: list[float] = []
    ledger._pause = pauses.append
    assert refusal(lambda: ledger.append((opened(),), head_of(ledger))).code == "L453"
    assert verdicts == [Verdict.REFUSED] * 4
    assert pauses == sorted(pauses)
