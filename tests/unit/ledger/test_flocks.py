from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

from launcher.ledger import flocks


def _open_files(path: Path) -> int:
    links = Path("/proc/self/fd").iterdir()
    return sum(item.is_symlink() and os.path.realpath(item) == str(path) for item in links)


def test_a_proof_that_is_swept_away_before_it_is_locked_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "production.session-s1"
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with flocks.proof_of_life(path):
            entered.set()
            leave.wait(20)

    with path.open("w") as sweeper:
        fcntl.flock(sweeper, fcntl.LOCK_EX)
        holder = threading.Thread(target=hold)
        holder.start()
        while _open_files(path) < 2:
            os.sched_yield()
        path.unlink()
    assert entered.wait(20)
    assert flocks.held_by_someone(path) is True
    leave.set()
    holder.join()
    assert flocks.held_by_someone(path) is False
    assert not path.exists()


def test_a_sweep_leaves_what_is_held(tmp_path: Path) -> None:
    held, dead, gone = tmp_path / "held", tmp_path / "dead", tmp_path / "gone"
    dead.touch()
    with flocks.proof_of_life(held):
        flocks.sweep(iter((held, dead, gone)))
        assert held.exists()
    assert not dead.exists()


def test_whether_a_proof_is_held_cannot_be_told_where_it_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert flocks.held_by_someone(tmp_path / "file" / "below") is None
