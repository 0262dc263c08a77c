"""What of a log is new each time the whole of it is read."""

from __future__ import annotations

from launcher.engine.observed import StepStatus
from launcher.engine.results import FileLog, HostKey, HostLog, HostResult, StepResults
from launcher.operations.log_pieces import Piece, Pieces

HOST = HostKey(101, 0, "10.0.0.11")
RUNNING, SUCCEEDED = 7, 9


def a_step(executions: int = 0) -> StepResults:
    return StepResults(StepStatus(20_000_000_901, "check", "script", 2, executions))


class Reading:
    """Reads one host's log again and again."""

    def __init__(self) -> None:
        self.heard: list[Piece] = []
        self.pieces = Pieces("web", self.heard.append)

    def __call__(
        self,
        text: str,
        *files: FileLog,
        status: int = RUNNING,
        executions: int = 0,
        last: bool = False,
        too_long: bool = False,
    ) -> list[tuple[str, bool]]:
        """What was told of it: each text, and whether it began anew."""
        self.heard.clear()
        host, log = HostResult(HOST, status), HostLog(HOST, text, files, too_long)
        self.pieces.take(1, a_step(executions), host, log, is_last=last)
        return [(piece.text, piece.anew) for piece in self.heard]

    def is_closed(self, executions: int = 0) -> bool:
        return self.pieces.is_closed(a_step(executions), HostResult(HOST, SUCCEEDED))


def test_only_what_has_come_since_is_told():
    read = Reading()

    assert read("one\n") == [("one\n", False)]
    assert read("one\ntwo\n") == [("two\n", False)]
    assert read("one\ntwo\n") == []


def test_a_line_without_its_end_waits_for_it():
    read = Reading()

    assert read("one\ntw") == [("one\n", False)]
    assert read("one\ntwo") == []
    assert read("one\ntwo\nthr") == [("two\n", False)]
    assert read("one\ntwo\nthree", status=SUCCEEDED) == [("three", False)]


def test_the_end_of_a_host_is_told_though_it_printed_nothing_more():
    read = Reading()
    read("one\n")

    assert not read.is_closed()
    assert read("one\n", status=SUCCEEDED) == [("", False)]
    assert read.is_closed()


def test_the_last_look_takes_what_there_is():
    read = Reading()

    assert read("half a li", last=True) == [("half a li", False)]
    assert read.is_closed()


def test_another_execution_begins_anew_and_opens_the_log_again():
    read = Reading()
    read("one\n", status=SUCCEEDED)

    assert read.is_closed()
    assert not read.is_closed(executions=1)
    assert read("one\ntwo\n", executions=1) == [("one\ntwo\n", True)]


def test_a_log_that_no_longer_begins_as_it_did_is_told_anew():
    read = Reading()
    read("one\n")

    assert read("won\ntwo\n") == [("won\ntwo\n", True)]
    assert read("won\n") == [("won\n", True)], "it has become shorter"


def test_of_files_those_that_have_moved_on_are_told():
    read = Reading()
    half = FileLog("10.0.0.20", "/a", "/b", 3, "1 KB", "50%", "half\n")
    whole = FileLog("10.0.0.20", "/a", "/b", 4, "1 KB", "100%", "whole\n")
    other = FileLog("10.0.0.20", "/c", "/b", 4, "1 KB", "100%", "other\n")

    def told(*files: FileLog) -> list[FileLog]:
        read("", *files)
        return [file for piece in read.heard for file in piece.files]

    assert told(half, other) == [half, other]
    assert told(half, other) == []
    assert told(whole, other) == [whole]


def test_a_log_that_is_too_long_is_a_warning_that_names_host_and_step():
    read = Reading()

    read("", status=SUCCEEDED, too_long=True)

    (warning,) = read.pieces.diagnostics
    assert warning.code == "L357"
    assert warning.facts == {"name": "web", "step": "check", "host": "10.0.0.11"}
    assert read.heard[0].too_long
