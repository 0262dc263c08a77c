"""Texts about the ledger and the lockfile."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENTRIES"]

_RESTORE = (
    "Put the journal back from a backup if there is one: it knows more than any lockfile. Otherwise "
    "`launcher ledger restore --from-lockfile --reason …` starts a new ledger that holds every launch of the "
    "lockfile with its last outcome; what was on its way then becomes unknown, until `launcher resolve` ends it."
)
_RESTORE_HINT = "launcher ledger restore -e {environment} --from-lockfile --reason …"
_DAMAGE_CURE = (
    "Look at that line, and find out who wrote to the file: launcher only ever appends. Put the journal back from a "
    "backup. Without one, `launcher ledger restore --from-lockfile --reason …` keeps the damaged journal "
    "beside a new one."
)

_JOURNAL: Mapping[str, Entry] = {
    "L401": Entry(
        summary="Damaged ledger",
        detail="Line {line} of {path} is not an event: {problem}. A damaged ledger is never repaired or read in part, "
        "because what it hides may have been started.",
        cause="Something other than launcher changed the journal, or the disk lost part of it.",
        cure=_DAMAGE_CURE,
        hints={},
    ),
    "L402": Entry(
        summary="Broken hash chain",
        detail="Line {line} of {path} does not follow on the line before it: {problem}. Lines were changed, removed or "
        "put in.",
        cause="Every event holds the hash of the event before it. The chain breaks where the journal was edited, where two "
        "copies of it were joined, or where a line is missing.",
        cure=_DAMAGE_CURE,
        hints={},
    ),
    "L403": Entry(
        summary="Ledger of a newer launcher",
        detail="Line {line} of {path} has format version {version}; this launcher reads version {known}.",
        cause="A newer launcher has written to this ledger.",
        cure="Use that launcher, or a newer one, for this environment from now on.",
        hints={"default": "Use the newer launcher."},
    ),
    "L404": Entry(
        summary="Unknown kind of event",
        detail="Line {line} of {path} holds an event of the kind `{kind}`, which this launcher does not know. What it "
        "means for a launch cannot be guessed.",
        cause="A newer launcher has written to this ledger, or the line was changed.",
        cure="Use the launcher that wrote it, or a newer one.",
        hints={"default": "Use the launcher that wrote it."},
    ),
    "L405": Entry(
        summary="Event without sense",
        detail="The event in line {line} of {path} makes no sense after those before it ({problem}).",
        cause="The journal was written by hand, or by a launcher with an error.",
        cure=_DAMAGE_CURE,
        hints={},
    ),
    "L406": Entry(
        summary="Unfinished write at the end of the ledger",
        detail="{path} ends with {bytes} bytes of a write that was cut off after event {serial}. They are ignored: nothing "
        "was done on the strength of them.",
        cause="The process or the machine died in the middle of an append. An event counts only when its append has "
        "ended, so nothing is lost.",
        cure="Nothing to do: the next run that appends removes the remains.",
        hints={},
        severity=Severity.WARNING,
    ),
    "L407": Entry(
        summary="Unfinished write removed",
        detail="{bytes} bytes of a write that was cut off after event {serial} were removed from the end of {path}. "
        "Nothing was done on the strength of them.",
        cause="An earlier process or the machine died in the middle of an append.",
        cure="Nothing to do: this is said so that nobody wonders.",
        hints={},
        severity=Severity.WARNING,
    ),
    "L408": Entry(
        summary="Ledger went back",
        detail="{path} held event {known} a moment ago and now ends at event {found} or tells another story. Someone "
        "replaced it while launcher was at work.",
        cause="The journal was deleted, truncated or replaced by a copy during a run.",
        cure="Put the newest journal back, then run again: what is recorded in it is continued.",
        hints={},
    ),
    "L410": Entry(
        summary="Ledger cannot be read",
        detail="{path} cannot be read: {problem}.",
        cause="The folder or the file is not accessible to this user, or its disk has failed.",
        cure="Give this user the right to read the folder and the files in it, or correct LAUNCHER_LEDGER_DIR.",
        hints={},
    ),
    "L411": Entry(
        summary="Ledger cannot be written",
        detail="{path} cannot be written: {problem}. Nothing was recorded, and nothing is started that is not recorded.",
        cause="The folder is read-only or not accessible to this user, its disk is full, or it has failed.",
        cure="Make room, or give this user the right to write to the folder, then run again.",
        hints={},
    ),
    "L412": Entry(
        summary="Ledger is busy",
        detail="Another process has held {path} for more than {seconds} seconds. An append takes milliseconds, so that process "
        "is stopped, or its disk is.",
        cause="A launcher process was suspended in the middle of an append, or the file system hangs.",
        cure="Find the process that holds the file (`fuser` and `lsof` show it), and let it go on or end it.",
        hints={},
    ),
    "L413": Entry(
        summary="Ledger leaves the workspace",
        detail="{path} leads to {target}, outside the workspace. A repository must not choose which file is written.",
        cause="A file or folder of the ledger is a symbolic link.",
        cure="Remove the link. To keep the ledger elsewhere, name the folder in LAUNCHER_LEDGER_DIR.",
        hints={},
    ),
    "L414": Entry(
        summary="Event too large",
        detail="An event of {size} bytes is larger than the ledger takes ({limit} bytes). Nothing was recorded.",
        cause="The variables of one launch are very large.",
        cure="Shorten the launch's variables: let the job plan fetch large data itself.",
        hints={},
    ),
}

ENTRIES: Mapping[str, Entry] = MappingProxyType({**_JOURNAL})
