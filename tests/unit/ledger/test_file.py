"""What the file back end does beyond the port: files, flushes, torn ends, damage and failing disks."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from launcher.catalogue import texts
from launcher.engine.effects import Appended, HeadMoved, NoAnswer
from launcher.engine.events import NO_HEAD, Draft, Head, Kind
from launcher.engine.recorded import Recorded
from launcher.errors import LauncherError, RefusedToAct, SurroundingsFailed
from launcher.ledger.disk import Disk
from tests.support.ledgers import (
    a_file_ledger,
    a_whole_launch,
    about,
    closed,
    created,
    intended,
    opened,
    prepared,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from launcher.ledger.file import FileLedger

FIRST = (created(), opened())
_NOBODY = 65534
LAST = (intended("web"), intended("db"), intended("cache"))


def append(ledger: FileLedger, *drafts: Draft) -> Head:
    answer = ledger.append(drafts, ledger.read().head)
    assert isinstance(answer, Appended)
    return answer.events[-1].head


def refusal(act: Callable[[], object]) -> tuple[str, str]:
    """The code and the whole text of the one diagnostic that `act` ends with."""
    with pytest.raises(LauncherError) as caught:
        act()
    (found,) = caught.value.diagnostics
    said = texts(found)
    return found.code, f"{said.summary}: {said.detail}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


@pytest.fixture
def journal(folder: Path) -> Path:
    """A journal of two groups, of two and of three events."""
    ledger = a_file_ledger(folder)
    append(ledger, *FIRST)
    append(ledger, *LAST)
    return folder / "production.jsonl"


# --- files and flushes ------------------------------------------------------------------------


@dataclass
class RecordingDisk(Disk):
    """Does everything, and remembers in which order."""

    calls: list[str] = field(default_factory=list)

    def write_at(self, descriptor: int, content: bytes, offset: int) -> None:
        self.calls.append(f"write {len(content.splitlines())} at {bool(offset)}")
        super().write_at(descriptor, content, offset)

    def cut(self, descriptor: int, size: int) -> None:
        self.calls.append("cut")
        super().cut(descriptor, size)

    def sync(self, descriptor: int) -> None:
        self.calls.append("sync")
        super().sync(descriptor)

    def sync_folder(self, folder: Path) -> None:
        self.calls.append(f"sync {folder.name}/")
        super().sync_folder(folder)


def test_folder_name_and_content_are_flushed_in_this_order(tmp_path: Path) -> None:
    disk = RecordingDisk()
    ledger = a_file_ledger(tmp_path / "work" / "ledger", disk=disk)
    append(ledger, *FIRST)
    assert disk.calls == [
        f"sync {tmp_path.name}/",
        "sync work/",
        "sync ledger/",
        "write 2 at False",
        "sync",
    ]
    disk.calls.clear()
    append(ledger, *LAST)
    assert disk.calls == ["write 3 at True", "sync"]


def test_flushes_reach_the_system(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[str] = []
    really = os.fsync

    def fsync(descriptor: int) -> None:
        flushed.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        really(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    append(a_file_ledger(folder), *FIRST)
    assert flushed == [str(folder.parent), str(folder), str(folder / "production.jsonl")]


def test_a_short_write_is_carried_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: really(fd, data[:100], at))
    append(a_file_ledger(folder), *FIRST, *LAST)
    assert a_file_ledger(folder).read().head.serial == 5


def test_one_line_an_event_and_the_line_number_is_its_serial(journal: Path) -> None:
    lines = journal.read_bytes().splitlines()
    assert [f'"serial":{number},'.encode() in line for number, line in enumerate(lines, 1)] == (
        [True] * 5
    )


def test_environments_do_not_see_each_other(folder: Path) -> None:
    append(a_file_ledger(folder, "production"), created("p"))
    append(a_file_ledger(folder, "staging"), created("s"))
    assert a_file_ledger(folder, "production").read().lineage == "p"
    assert a_file_ledger(folder, "staging").read().lineage == "s"


def test_reading_creates_nothing(folder: Path) -> None:
    ledger = a_file_ledger(folder)
    ledger.read()
    list(ledger.events())
    assert not folder.exists()


def test_only_new_bytes_are_read(journal: Path) -> None:
    ledger = a_file_ledger(journal.parent)
    head = ledger.read().head
    blank = journal.read_bytes().replace(b"web", b"bew")
    with journal.open("r+b") as file:
        file.write(blank)
    assert ledger.read().head == head
    assert isinstance(ledger.append((closed(),), head), Appended)


# --- torn ends --------------------------------------------------------------------------------


def test_a_write_cut_at_any_byte_leaves_the_whole_group_or_nothing(
    journal: Path, tmp_path: Path
) -> None:
    whole = journal.read_bytes()
    start = sum(len(line) for line in whole.splitlines(keepends=True)[: len(FIRST)])
    for size in range(start, len(whole) + 1):
        torn = tmp_path / "torn"
        torn.mkdir(exist_ok=True)
        (torn / "production.jsonl").write_bytes(whole[:size])
        ledger = a_file_ledger(torn)
        complete = size == len(whole)
        head = ledger.read().head
        assert head.serial == (5 if complete else 2), size
        assert [item.code for item in ledger.notes] == (
            [] if size == start or complete else ["L406"]
        )
        assert isinstance(ledger.append((closed(),), head), Appended)
        assert a_file_ledger(torn).read().head.serial == head.serial + 1
        assert a_file_ledger(torn).notes == ()
        shutil.rmtree(torn)


def test_what_is_left_of_a_torn_write_is_removed_by_the_next_append_and_told(
    journal: Path,
) -> None:
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"v":1,"half')
    disk = RecordingDisk()
    ledger = a_file_ledger(journal.parent, disk=disk)
    head = ledger.read().head
    (note,) = ledger.notes
    assert texts(note).detail == (
        f"{journal} ends with 12 bytes of a write that was cut off after event 5. They are ignored: nothing was "
        "done on the strength of them."
    )
    assert journal.read_bytes().endswith(b"half")
    assert isinstance(ledger.append((closed(),), head), Appended)
    assert [item.code for item in ledger.notes] == ["L406", "L407"]
    assert disk.calls == ["cut", "sync", "write 1 at True", "sync"]
    assert journal.read_bytes().startswith(whole)
    assert a_file_ledger(journal.parent).read().head.serial == 6
    assert isinstance(ledger.append((opened(),), ledger.read().head), Appended)
    assert len(ledger.notes) == 2


@pytest.mark.parametrize("line", [2, 3, 4])
def test_a_hole_that_a_loss_of_power_left_in_the_last_write_is_part_of_its_torn_end(
    journal: Path, line: int
) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[line] = lines[line][:20] + b"\0" * 30 + lines[line][50:]
    journal.write_bytes(b"".join(lines))
    ledger = a_file_ledger(journal.parent)
    assert ledger.read().head.serial == 2
    assert [item.code for item in ledger.notes] == ["L406"]
    append(ledger, closed())
    assert a_file_ledger(journal.parent).read().head.serial == 3


def test_holes_that_swallow_line_breaks_are_part_of_a_torn_end(journal: Path) -> None:
    whole = journal.read_bytes()
    lines = whole.splitlines(keepends=True)
    start = len(b"".join(lines[:2]))
    for first, last in ((start, len(whole)), (start + 10, start + len(lines[2]) + 10)):
        journal.write_bytes(whole[:first] + b"\0" * (last - first) + whole[last:])
        assert a_file_ledger(journal.parent).read().head.serial == 2


def test_a_hole_before_the_last_write_is_damage(journal: Path) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1][:20] + b"\0" * 30 + lines[1][50:]
    journal.write_bytes(b"".join(lines))
    assert refusal(a_file_ledger(journal.parent).read)[0] == "L401"


# --- damage -----------------------------------------------------------------------------------


def _drop_line(lines: list[bytes]) -> None:
    del lines[2]


def _repeat_line(lines: list[bytes]) -> None:
    lines.insert(2, lines[1])


def _swap_lines(lines: list[bytes]) -> None:
    lines[2], lines[3] = lines[3], lines[2]


def _change_a_word(lines: list[bytes]) -> None:
    lines[1] = lines[1].replace(b"ana", b"bob")


def _break_json(lines: list[bytes]) -> None:
    lines[1] = lines[1][:-5] + b"\n"


def _break_json_at_the_end(lines: list[bytes]) -> None:
    lines[4] = lines[4][:-5] + b"\n"


def _empty_line(lines: list[bytes]) -> None:
    lines.append(b"\n")


def _unknown_kind(lines: list[bytes]) -> None:
    lines[4] = lines[4].replace(b'"intended"', b'"promoted"')


def _newer_format(lines: list[bytes]) -> None:
    lines[4] = lines[4].replace(b'"v":1', b'"v":2')


def _no_sense(lines: list[bytes]) -> None:
    lines[4] = lines[4].replace(b'"kind":"intended"', b'"kind":"prepared"')


def _other_part(lines: list[bytes]) -> None:
    lines[4] = lines[4].replace(b'"part":[3,3]', b'"part":[1,1]')


def _longer_than_any_event(lines: list[bytes]) -> None:
    lines.append(b" " * (4 * 1024 * 1024 + 1))


@pytest.mark.parametrize(
    ("damage", "code", "line"),
    [
        (_drop_line, "L402", 3),
        (_repeat_line, "L402", 3),
        (_swap_lines, "L402", 3),
        (_change_a_word, "L402", 3),
        (_break_json, "L401", 2),
        (_break_json_at_the_end, "L401", 5),
        (_empty_line, "L401", 6),
        (_unknown_kind, "L404", 5),
        (_newer_format, "L403", 5),
        (_no_sense, "L405", 5),
        (_other_part, "L402", 5),
        (_longer_than_any_event, "L401", 6),
    ],
)
def test_damage_is_refused_with_its_line_and_never_repaired(
    journal: Path, damage: Callable[[list[bytes]], None], code: str, line: int
) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    damage(lines)
    journal.write_bytes(b"".join(lines))
    ledger = a_file_ledger(journal.parent)
    found, said = refusal(ledger.read)
    assert found == code
    assert f"ine {line} of {journal}" in said
    assert refusal(lambda: ledger.append((closed(),), NO_HEAD))[0] == code
    assert refusal(ledger.read)[0] == code
    assert journal.read_bytes() == b"".join(lines)
    if code != "L405":
        assert refusal(lambda: list(ledger.events()))[0] == code


# --- replaced while in use --------------------------------------------------------------------


def _delete(journal: Path) -> None:
    journal.unlink()


def _truncate(journal: Path) -> None:
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:2]))


def _replace_by_another(journal: Path) -> None:
    append(a_file_ledger(journal.parent, "other"), created("x"), *a_whole_launch())
    journal.with_name("other.jsonl").replace(journal)


@pytest.mark.parametrize("swap", [_delete, _truncate, _replace_by_another])
def test_a_journal_that_went_back_during_a_run_is_refused_ever_after(
    journal: Path, swap: Callable[[Path], None]
) -> None:
    ledger = a_file_ledger(journal.parent)
    head = ledger.read().head
    swap(journal)
    for act in (ledger.read, lambda: ledger.append((closed(),), head), ledger.read):
        code, said = refusal(act)
        assert code == "L408"
        assert "held event 5" in said


def test_a_journal_that_was_replaced_by_a_newer_copy_of_itself_is_followed(journal: Path) -> None:
    ledger = a_file_ledger(journal.parent)
    head = ledger.read().head
    copy = journal.with_name("copy.jsonl")
    shutil.copy(journal, copy)
    append(a_file_ledger(journal.parent, "copy"), closed())
    copy.replace(journal)
    assert ledger.read().head.serial == 6
    assert isinstance(ledger.append((opened(),), head), HeadMoved)


# --- failing disks ----------------------------------------------------------------------------


@dataclass
class FailingDisk(Disk):
    """Fails from the n-th call of a kind on, after half of a write; `times` calls fail."""

    kind: str
    after: int = 0
    times: int = 1

    def _fails(self, kind: str) -> bool:
        if kind != self.kind or self.times == 0:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True

    def write_at(self, descriptor: int, content: bytes, offset: int) -> None:
        if self._fails("write"):
            super().write_at(descriptor, content[: len(content) // 2], offset)
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write_at(descriptor, content, offset)

    def sync(self, descriptor: int) -> None:
        if self._fails("sync"):
            raise OSError(errno.EIO, "Input/output error")
        super().sync(descriptor)

    def sync_folder(self, folder: Path) -> None:
        if self._fails("sync folder"):
            raise OSError(errno.EIO, "Input/output error")
        super().sync_folder(folder)


@pytest.mark.parametrize("kind", ["write", "sync"])
def test_an_append_that_fails_is_taken_back_and_nothing_is_recorded(
    journal: Path, kind: str
) -> None:
    before = journal.read_bytes()
    ledger = a_file_ledger(journal.parent, disk=FailingDisk(kind))
    head = ledger.read().head
    code, said = refusal(lambda: ledger.append((closed(),), head))
    assert code == "L411"
    assert "Nothing was recorded" in said
    assert journal.read_bytes() == before
    assert isinstance(ledger.append((closed(),), head), Appended)
    assert a_file_ledger(journal.parent).read().head.serial == 6


def test_an_append_that_can_not_even_be_taken_back_has_no_answer_and_ends_all_appends(
    journal: Path,
) -> None:
    ledger = a_file_ledger(journal.parent, disk=FailingDisk("sync", times=2))
    head = ledger.read().head
    answer = ledger.append((closed(),), head)
    assert isinstance(answer, NoAnswer)
    assert "Input/output error" in answer.message
    assert ledger.append((closed(),), head) == answer


def test_a_journal_whose_name_cannot_be_made_durable_gets_no_events(folder: Path) -> None:
    folder.mkdir()
    ledger = a_file_ledger(folder, disk=FailingDisk("sync folder"))
    assert refusal(lambda: ledger.append(FIRST, NO_HEAD))[0] == "L411"
    assert a_file_ledger(folder).read() == Recorded()


def test_a_full_disk_is_told_with_its_cure(journal: Path) -> None:
    ledger = a_file_ledger(journal.parent, disk=FailingDisk("write"))
    with pytest.raises(SurroundingsFailed) as caught:
        ledger.append((closed(),), ledger.read().head)
    assert "No space left on device" in texts(caught.value.diagnostics[0]).detail


def test_a_place_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "ledger").write_text("a file")
    ledger = a_file_ledger(tmp_path / "ledger")
    assert refusal(ledger.read)[0] == "L410"
    assert refusal(lambda: ledger.append(FIRST, NO_HEAD))[0] == "L411"


@contextmanager
def unprivileged() -> Iterator[None]:
    """As somebody whom permissions bind: root may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_read_only_folder_is_told_and_can_still_be_read(journal: Path) -> None:
    with TemporaryDirectory() as open_to_all:
        folder = Path(open_to_all)
        (folder / journal.name).write_bytes(journal.read_bytes())
        (folder / journal.name).chmod(0o444)
        folder.chmod(0o555)
        ledger = a_file_ledger(folder)
        with unprivileged():
            head = ledger.read().head
            assert head.serial == 5
            assert refusal(lambda: ledger.append((closed(),), head))[0] == "L411"
            with pytest.raises(SurroundingsFailed), ledger.hold("s1"):
                pass
        folder.chmod(0o755)


def test_a_journal_that_is_a_folder_is_told(folder: Path) -> None:
    (folder / "production.jsonl").mkdir(parents=True)
    ledger = a_file_ledger(folder)
    assert refusal(ledger.read)[0] == "L410"
    assert refusal(lambda: ledger.append(FIRST, NO_HEAD))[0] == "L411"


def test_an_event_beyond_the_budget_is_refused_and_nothing_of_its_group_recorded(
    journal: Path,
) -> None:
    ledger = a_file_ledger(journal.parent)
    head = ledger.read().head
    large = Draft(Kind.OVERRIDDEN, data={"rule": "r", "reason": "x" * (4 * 1024 * 1024)})
    with pytest.raises(RefusedToAct) as caught:
        ledger.append((closed(), large), head)
    assert caught.value.diagnostics[0].code == "L414"
    assert ledger.read().head == head


def test_a_lock_that_another_process_keeps_is_not_waited_for_for_ever(journal: Path) -> None:
    ledger = a_file_ledger(journal.parent, patience_s=0.02)
    head = ledger.read().head
    with (journal.parent / "production.lock").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert refusal(lambda: ledger.append((closed(),), head))[0] == "L412"
        assert refusal(ledger.read)[0] == "L412"
    assert isinstance(ledger.append((closed(),), head), Appended)


# --- symbolic links ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["production.jsonl", "production.lock", "."])
def test_a_ledger_does_not_leave_the_workspace_through_a_link(tmp_path: Path, name: str) -> None:
    workspace, outside = tmp_path / "workspace", tmp_path / "outside"
    folder = workspace / ".launcher" / "ledger"
    target = folder if name == "." else folder / name
    target.parent.mkdir(parents=True)
    target.symlink_to(outside, target_is_directory=True)
    ledger = a_file_ledger(folder, inside=workspace)
    for act in (ledger.read, lambda: ledger.append(FIRST, NO_HEAD)):
        code, said = refusal(act)
        assert code == "L413"
        assert str(outside) in said
    assert not outside.exists()


def test_a_folder_that_the_operator_named_may_hold_links(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "ledger").symlink_to(tmp_path / "elsewhere")
    append(a_file_ledger(tmp_path / "ledger"), created())
    assert (tmp_path / "elsewhere" / "production.jsonl").is_file()


# --- sessions and setting aside ---------------------------------------------------------------


def test_the_proof_of_a_session_goes_away_with_it_and_dead_ones_are_swept(folder: Path) -> None:
    ledger = a_file_ledger(folder)
    folder.mkdir()
    (folder / "production.session-dead").touch()
    (folder / "staging.session-dead").touch()
    with ledger.hold("s1"), a_file_ledger(folder).hold("s2"):
        assert {item.name for item in folder.iterdir()} == {
            "production.session-s1",
            "production.session-s2",
            "staging.session-dead",
        }
    assert [item.name for item in folder.iterdir()] == ["staging.session-dead"]


def test_an_error_inside_a_session_is_not_taken_for_one_of_the_ledger(folder: Path) -> None:
    with pytest.raises(OSError, match="of the caller"), a_file_ledger(folder).hold("s1"):
        raise OSError("of the caller")
    assert list(folder.iterdir()) == []


def test_a_damaged_journal_can_be_set_aside_and_is_kept_as_it_was(journal: Path) -> None:
    journal.write_bytes(b"damage\n")
    ledger = a_file_ledger(journal.parent)
    kept = ledger.set_aside()
    assert kept is not None
    assert ".lost-20261122T1200" in kept
    assert Path(kept).read_bytes() == b"damage\n"
    append(ledger, created("new"), *a_whole_launch(), about(Kind.ARCHIVED, attempt=None))
    assert ledger.read().launches["web-deploy"].archived


def test_two_events_about_one_attempt_in_one_group_add_up(folder: Path) -> None:
    ledger = a_file_ledger(folder)
    append(ledger, created(), intended("web"), prepared("web", instance=7))
    assert ledger.read().launches["web"].newest.instance_id == 7
