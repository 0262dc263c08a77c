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
    "`launcher ledger restore --from-lockfile --reason TEXT` starts a new ledger that holds every launch of the "
    "lockfile with its last outcome; what was on its way then becomes unknown, until `launcher resolve` ends it."
)
_RESTORE_HINT = "launcher ledger restore -e {environment} --from-lockfile --reason TEXT"
_TAKE_BACK = (
    "git checkout HEAD -- locks/{environment}.lock.json\nlauncher lock sync -e {environment}"
)
_DAMAGE_CURE = (
    "Look at that line, and find out who wrote to the file: launcher only ever appends. Put the journal back from a "
    "backup. Without one, `launcher ledger restore --from-lockfile --reason TEXT` keeps the damaged journal "
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
        detail="Line {line} of {path} does not follow from the line before it: {problem}. Lines were changed, removed or "
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
        summary="Event that makes no sense",
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
        cause="The journal was deleted, truncated or replaced by a copy during a run; or its branch was deleted or pushed by "
        "force.",
        cure="Put the newest journal back, or let the branch point to its newest commit, then run again: what is recorded "
        "in it is continued.",
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
        detail="Another process has held {path} for more than {patience}. An append takes milliseconds, so that process "
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

_SESSIONS: Mapping[str, Entry] = {
    "L420": Entry(
        summary="Another session is open",
        detail="{actor} has been applying to `{environment}` from {host} (process {pid}) since {since}, and that process lives. "
        "Two sessions at once would get in each other's way.",
        cause="Another `apply` of the same environment is running, or it was suspended.",
        cure="Wait until it ends. If it hangs, end that process: its session is then free "
        "at once. `launcher unlock --reason TEXT` ends the session by hand; its process stops at its next step.",
        hints={"default": "launcher apply -e {environment} --lock-timeout 10m"},
    ),
    "L421": Entry(
        summary="Another session is open",
        detail="{actor} has been applying to `{environment}` from {host} (process {pid}) since {since}. Whether that process lives "
        "cannot be told from here; if the ledger does not move, the session may be taken over from {until} on.",
        cause="Another `apply` of the same environment is running on another machine, or its machine died.",
        cure="Wait until it ends or until the time given. If you know that it is dead, "
        "`launcher unlock --reason TEXT` ends its session.",
        hints={"default": "launcher apply -e {environment} --lock-timeout 10m"},
    ),
    "L422": Entry(
        summary="Session taken over",
        detail="The session that {actor} opened on {host} (process {pid}) at {since} ended without saying so. What it left "
        "unfinished is continued.",
        cause="An earlier run was killed, or its machine died.",
        cure="Nothing to do: what was recorded tells how far it came.",
        hints={},
        severity=Severity.WARNING,
    ),
}

_LINEAGE: Mapping[str, Entry] = {
    "L430": Entry(
        summary="Ledger lost: there is none",
        detail="The lockfile of `{environment}` ({where}) speaks of {serial} events, and there is no ledger. With an empty one, everything "
        "that has run would be started again.",
        cause="The journal was deleted, the folder is another one than last time (see LAUNCHER_LEDGER_DIR), or this is another "
        "checkout: with `ledger: file` the ledger stays in the one that has applied.",
        cure="If the ledger is still there, use it: apply where it is, or set LAUNCHER_LEDGER_DIR to its folder; several checkouts "
        "that apply need `ledger: git`. With two ledgers, each would start what the other has started. "
        + _RESTORE,
        hints={
            "default": "If it is in another checkout or folder, use it there: two ledgers would start everything twice. Only if it "
            "is gone for good:\n" + _RESTORE_HINT
        },
    ),
    "L431": Entry(
        summary="Ledger lost: it is older than its lockfile",
        detail="The lockfile of `{environment}` ({where}) was written after event {serial}; the ledger ends at event {found}. What is missing would "
        "be started again.",
        cause="The journal was truncated or replaced by an older copy.",
        cure=_RESTORE,
        hints={"default": _RESTORE_HINT},
    ),
    "L432": Entry(
        summary="Ledger lost: it tells another story",
        detail="Event {serial} of the ledger is not the one that the lockfile of `{environment}` ({where}) was written after. They "
        "have a common beginning and went different ways.",
        cause="An older copy of the journal was put in its place, and launches were recorded in it since; two copies of one "
        "ledger were both used; or the lockfile was edited or merged by hand.",
        cure="If the lockfile was edited or merged by hand, bring one back from git that was written by an apply. Otherwise "
        "find the copy that holds the lockfile's event and put it back. Compare both with what ran on JOB before anything "
        "else is applied. " + _RESTORE,
        hints={
            "default": "If the lockfile was edited or merged by hand, take one that an apply has written out of its history:\n"
            "git log -- locks/{environment}.lock.json\n"
            "Only if it is the ledger that is wrong:\n" + _RESTORE_HINT,
            "edited": "The lockfile at HEAD is newer, and the ledger agrees with it; so it is the file in the work tree that is wrong:\n"
            + _TAKE_BACK,
        },
    ),
    "L433": Entry(
        summary="Ledger lost: this is another one",
        detail="The lockfile of `{environment}` ({where}) belongs to the ledger with the lineage {other}; this one has the lineage "
        "{lineage}.",
        cause="The journal of another environment or repository was put in its place, the ledger was created anew, or the "
        "lockfile was copied from elsewhere.",
        cure="If the lockfile is the wrong one, bring back the right one from git. If the ledger is: "
        + _RESTORE,
        hints={"default": _RESTORE_HINT},
    ),
    "L434": Entry(
        summary="No ledger yet",
        detail="There is no ledger for `{environment}`, and none is created by itself here: in CI an empty folder more often means that "
        "the record was lost than that there never was one.",
        cause="This environment was never applied to from here.",
        cure="Run `launcher ledger init` once, where the ledger is to live, after making sure that there is none elsewhere.",
        hints={"default": "launcher ledger init -e {environment}"},
    ),
    "L435": Entry(
        summary="Another server",
        detail="The ledger of `{environment}` speaks of another server than this one ({server}), and instance ids mean nothing "
        "on another server. {difference}.",
        cause="The door, the address, its stage or the tenant has changed, in the environment or in the user configuration; "
        "launcher.yaml names another server; or, for the sandbox, its world was made anew.",
        cure="Change back what was changed: `launcher config show` tells where each setting comes from. After a new sandbox world, the old ledger and "
        "lockfile of that environment tell of nothing any more and can be deleted together. Only after a move of the same "
        "JOB to another address, `launcher ledger rebind --reason TEXT` records the new one.",
        hints={
            "default": "Change this back: {settings}. It comes from:\nlauncher config show -e {environment}\n"
            "Only if the same JOB has moved here:\nlauncher ledger rebind -e {environment} --reason TEXT",
            "unknown": "One of these was different when the ledger was bound: {settings}. They come from:\nlauncher config show -e {environment}\n"
            "Only if the same JOB has moved here:\nlauncher ledger rebind -e {environment} --reason TEXT",
            "workspace": "Name that server again in launcher.yaml, `spec.environments.{environment}.server`.\n"
            "Only if the same JOB has moved here:\nlauncher ledger rebind -e {environment} --reason TEXT",
            "sandbox": "Name the former server again in launcher.yaml, or, where the old sandbox is gone, delete its ledger and its lockfile "
            "together.\nOnly to keep a record of what is gone:\nlauncher ledger rebind -e {environment} --reason TEXT",
        },
    ),
    "L436": Entry(
        summary="Nothing to restore",
        detail="The ledger of `{environment}` is whole and knows everything that its lockfile says. A restore would forget what only "
        "the ledger knows.",
        cause="`launcher ledger restore` was asked for without need.",
        cure="Nothing to do. `launcher lock verify` shows whether ledger and lockfile agree.",
        hints={"default": "launcher lock verify -e {environment}"},
    ),
    "L437": Entry(
        summary="Ledger lost: restored from an older lockfile",
        detail="The ledger of `{environment}` was restored from a lockfile of event {origin}, but the lockfile here ({where}) was written after "
        "event {serial} of the lost ledger. What ran in between is missing.",
        cause="The restore read a lockfile that is not the newest one.",
        cure="Bring the newest lockfile into the work tree, then restore again. " + _RESTORE,
        hints={"default": _RESTORE_HINT},
    ),
    "L438": Entry(
        summary="There is a ledger already",
        detail="The ledger of `{environment}` exists and ends at event {found}; it is not created again.",
        cause="`launcher ledger init` was run twice, or in the wrong place.",
        cure="Nothing to do: the ledger can be used.",
        hints={},
    ),
}

_LOCKFILE: Mapping[str, Entry] = {
    "L440": Entry(
        summary="Lockfile is not JSON",
        detail="The lockfile cannot be read: {problem}. Without it, a lost ledger would not be noticed.",
        cause="It was edited by hand, or a merge left its markers in it.",
        cure="Take either side of the merge: the ledger decides, not the file. `launcher lock sync` then writes it anew.",
        hints={
            "default": "Take the file as it was committed, and have it written anew from the ledger:\n"
            + _TAKE_BACK
        },
    ),
    "L441": Entry(
        summary="Lockfile has a wrong shape",
        detail="This part of the lockfile cannot be understood: {problem}.",
        cause="It was edited by hand, or a newer launcher wrote it.",
        cure="Bring the file back from git, or use the newer launcher. `launcher lock sync` writes it anew.",
        hints={
            "default": "Take the file as it was committed, and have it written anew from the ledger:\n"
            + _TAKE_BACK
        },
    ),
    "L442": Entry(
        summary="Lockfile of another version",
        detail="The lockfile has version {version}; this launcher reads version {known}.",
        cause="A newer launcher has written it.",
        cure="Use that launcher, or a newer one, for this environment from now on.",
        hints={"default": "Use the newer launcher."},
    ),
    "L443": Entry(
        summary="Lockfile of another environment",
        detail="The lockfile ({where}) of `{environment}` says that it belongs to `{other}`.",
        cause="It was copied or renamed.",
        cure="Bring the right file back from git.",
        hints={"default": "git restore -- locks"},
    ),
    "L444": Entry(
        summary="Lockfile cannot be written",
        detail="{path} cannot be written: {problem}. The ledger is complete; only its mirror is old.",
        cause="The folder is read-only, not accessible to this user, or its disk is full.",
        cure="Make room or give this user the right to write, then run `launcher lock sync`.",
        hints={"default": "launcher lock sync -e {environment}"},
    ),
    "L445": Entry(
        summary="Lockfile differs from the ledger",
        detail="`{field}` of the lockfile of `{environment}` is {file}, but the ledger says {ledger}.",
        cause="The last run could not write the lockfile, another checkout has applied since, or it was edited by hand.",
        cure="`launcher lock sync` writes it anew from the ledger; commit the result.",
        hints={"default": "launcher lock sync -e {environment}"},
    ),
    "L446": Entry(
        summary="Lockfile is missing",
        detail="There is no lockfile for `{environment}`, whose ledger holds {found} events. Should the ledger get lost, nobody would notice.",
        cause="It was deleted, or the last run could not write it.",
        cure="`launcher lock sync` writes it from the ledger; commit the result.",
        hints={"default": "launcher lock sync -e {environment}"},
    ),
    "L447": Entry(
        summary="Lockfile cannot be read",
        detail="{path} cannot be read: {problem}. Without it, a lost ledger would not be noticed.",
        cause="The file is not accessible to this user, or it is not UTF-8 text.",
        cure="Give this user the right to read it, or bring it back from git.",
        hints={},
    ),
}

_REMOTE: Mapping[str, Entry] = {
    "L450": Entry(
        summary="No remote for the ledger",
        detail="The ledger of this environment is kept on a branch of the repository's remote, and it cannot be told which that "
        "is: {problem}.",
        cause="The workspace says `ledger: git`, and it lies in no git repository, in one without a remote, or in one with "
        "several of which none is called `origin`.",
        cure="Add a remote, or let LAUNCHER_GIT_REMOTE name one, by its name or by its address.",
        hints={"default": "git remote add origin ADDRESS"},
    ),
    "L451": Entry(
        summary="Address of the remote cannot be used",
        detail="The ledger cannot be kept on this remote: {problem}.",
        cause="Only one address can hold the record, and git may reach it only by `https`, by `ssh`, or as a folder.",
        cure="Give the remote one address of these kinds, or let LAUNCHER_GIT_REMOTE name another.",
        hints={},
    ),
    "L452": Entry(
        summary="Ledger's branch cannot be read",
        detail="{path} cannot be read: {problem}.",
        cause="The remote does not answer, or it does not let this user read.",
        cure="Try `git fetch` by hand. In CI, give the job the right to read the repository's contents, or set "
        "LAUNCHER_GIT_TOKEN.",
        hints={},
    ),
    "L453": Entry(
        summary="Ledger's branch cannot be written",
        detail="{path} cannot be written: {problem}. Nothing was recorded, and nothing is started that is not recorded.",
        cause="The remote refused the push: this user may not write there, the branch is protected, or a hook said no.",
        cure="Let the user of the run push to the branches `launcher-ledger/**`; in CI, give the job the right to write the "
        "repository's contents.",
        hints={},
    ),
    "L454": Entry(
        summary="Ledger's branch holds something else",
        detail="{path} is not as launcher writes it: {problem}. A damaged ledger is never repaired or read in part, because "
        "what it hides may have been started.",
        cause="Something other than launcher committed to the branch, or files were changed or removed on it.",
        cure="Find the last good commit of the branch, in its log or in the remote's own log of pushes, and let the branch "
        "point there again. Without one, `launcher ledger restore --from-lockfile --reason TEXT` keeps the damaged branch under "
        "another name beside a new one.",
        hints={},
    ),
    "L455": Entry(
        summary="Ledger's branch cannot be set aside",
        detail="{path} could not be renamed to {kept}: {problem}. The ledger is as it was; at most that second name for it was "
        "added.",
        cause="The remote does not let this user create or delete branches, or another run has just written.",
        cure="Let this user create and delete the branches `launcher-ledger/**`, then try again.",
        hints={},
    ),
    "L457": Entry(
        summary="git is too old",
        detail="A ledger on a branch needs git {oldest} or later, and this is {found}. An older one would ignore what it "
        "is told about how to reach the remote.",
        cause="The machine, or the image of the CI job, has an old git.",
        cure="Install a newer git, or let PATH find one first.",
        hints={"default": "git version"},
    ),
    "L456": Entry(
        summary="Ledger was written meanwhile",
        detail="{path} is not what it was when it was found to be lost: somebody has written to it since, or has restored "
        "it. It is left as it is.",
        cause="Two people restore the same ledger, or a run is at work with it.",
        cure="Fetch the newest commit with its lockfile, and look with `launcher status` whether the ledger is good now.",
        hints={},
    ),
}

ENTRIES: Mapping[str, Entry] = MappingProxyType(
    {**_JOURNAL, **_SESSIONS, **_LINEAGE, **_LOCKFILE, **_REMOTE}
)
