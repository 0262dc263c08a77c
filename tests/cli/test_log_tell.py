"""Logs kept for one JSON document: what came piece by piece is one text again."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from launcher.cli import log_tell
from launcher.cli.face import Face, Stream
from launcher.cli.log_tell import DocumentTeller
from launcher.engine.observed import StepStatus
from launcher.engine.results import FileLog, HostKey, HostResult, StepResults
from launcher.errors import ExitCode
from launcher.operations.log_pieces import Piece
from launcher.operations.logs import LogsRequest
from tests.support.failures import fails

HOST = HostResult(HostKey(101, 0, "10.0.0.11"), 9)
STEP = StepResults(StepStatus(1, "check", "script", 3))


@pytest.fixture
def teller() -> DocumentTeller:
    face = Face(Stream(io.StringIO()), Stream(io.StringIO()), {})
    return DocumentTeller(face, LogsRequest(Path(), None, "web"))


def a_piece(text: str, *files: FileLog, anew: bool = False) -> Piece:
    return Piece(1, STEP, HOST, text, files, anew)


def kept(teller: DocumentTeller):
    return teller._hosts[1][HOST.host]


def test_pieces_are_put_together_again(teller):
    teller(a_piece("one\n"))
    teller(a_piece("two\n"))

    assert kept(teller)["text"] == "one\ntwo\n"


def test_what_begins_anew_takes_the_place_of_what_came_before(teller):
    teller(a_piece("one\n", FileLog("", "/a", "/b", 4, "", "", "old")))
    teller(a_piece("two\n", anew=True))

    assert (kept(teller)["text"], kept(teller)["files"]) == ("two\n", [])


def test_a_file_that_is_told_of_again_stands_there_once_as_it_is_now(teller):
    other = FileLog("", "/c", "/b", 4, "", "", "other")
    teller(a_piece("", FileLog("", "/a", "/b", 3, "", "50%", "half"), other))
    teller(a_piece("", FileLog("", "/a", "/b", 4, "", "100%", "whole")))

    assert [(file["source_path"], file["text"]) for file in kept(teller)["files"]] == [
        ("/a", "whole"),
        ("/c", "other"),
    ]


def test_more_than_one_document_may_hold_is_refused(teller, monkeypatch):
    monkeypatch.setattr(log_tell, "_LIMIT", 10)
    teller(a_piece("12345"))

    fails(
        lambda: teller(a_piece("12345", FileLog("", "/a", "/b", 4, "", "", "6"))),
        "L358",
        ExitCode.SURROUNDINGS,
    )
