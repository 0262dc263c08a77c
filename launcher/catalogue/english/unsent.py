"""Texts about operations that were not sent because something came in between: L630 and L631."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["UNSENT"]

_LOOK = {"default": "launcher status -e {environment} --refresh"}

UNSENT: Mapping[str, Entry] = {
    "L630": Entry(
        "Not sent in time",
        "{operation} of instance {instance} of {name} was put on record, and could not be sent in time after that. It was "
        "not sent, and that is recorded too.",
        "JOB, this machine or the ledger is very slow, or the process was stopped in between.",
        "Look at where it stands, and ask again if that still fits; LAUNCHER_START_WINDOW is the time that a request has.",
        _LOOK,
    ),
    "L631": Entry(
        "Moved on meanwhile",
        "What {operation} of {name} was asked about is not there any more: since it was read first, the instance or its step "
        "has moved, or somebody else has operated on it. It is at attempt {attempt} now. Nothing was sent.",
        "Another operation, another attempt or the job itself came in between.",
        "Look at where it stands now, and ask again if that still fits.",
        _LOOK,
    ),
}
