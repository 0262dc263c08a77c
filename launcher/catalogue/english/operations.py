"""Texts about git, CI, review and what a use case was asked for: L520 to L579."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OPERATIONS"]

_GIT: Mapping[str, Entry] = {
    "L520": Entry(
        "git is not installed",
        "{path} is a git repository, but there is no `git` to ask which commit it stands at. Without that, an "
        "older commit could be applied over a newer one.",
        "The program `git` is not on the PATH.",
        "Install git, or put it on the PATH.",
        {"default": "Install git."},
    ),
    "L521": Entry(
        "git failed",
        "`git {what}` failed: {problem}",
        "git does not trust the folder's owner, the repository is damaged, or git did not answer in time.",
        "Run the same git command by hand in the workspace and mend what it complains about. For a folder of "
        "another owner: git config --global --add safe.directory FOLDER",
        {"default": "git status"},
    ),
    "L524": Entry(
        "Older commit",
        "{head}, which is checked out, {how} {recorded}, the commit that was applied to {environment} last. "
        "Applying it would take launches back to what they were.",
        "A late CI run, a branch that was not brought up to date, or a checkout of an earlier commit.",
        "Bring the checkout up to date and apply again. If the older state is really wanted, revert the newer "
        "commits instead; or `launcher apply --allow-older-commit --reason TEXT` does it as it is, on record.",
        {
            "default": "Bring the checkout up to date, or: launcher apply -e {environment} "
            "--allow-older-commit --reason TEXT"
        },
    ),
    "L525": Entry(
        "Without a commit",
        "No commit is checked out here, so nothing can keep an older state from being applied over a newer one.",
        "The workspace is not in a git repository, or the repository has no commit yet.",
        "Keep the workspace in git, and commit it.",
        {
            "default": "git init && git add . && git commit",
            "repository": "git add . && git commit",
        },
        Severity.WARNING,
    ),
    "L526": Entry(
        "Files differ from the commit",
        "The workspace file or manifests were edited since commit {commit}. The record will name that commit "
        "for what stands in the files.",
        "The work tree has manifests that are not committed as they are.",
        "Commit them first, so that the record tells where the content came from.",
        {"default": "git status"},
        Severity.WARNING,
    ),
    "L529": Entry(
        "Commit not known",
        "Commit {recorded} was applied to {environment} last, and no commit is checked out here, so it cannot be "
        "said whether this state is older.",
        "The workspace was copied without its git repository.",
        "Apply from a git checkout; or `launcher apply --allow-older-commit --reason TEXT`, which is recorded.",
        {"default": "launcher apply -e {environment} --allow-older-commit --reason TEXT"},
    ),
    "L530": Entry(
        "History is missing",
        "How {head} relates to {recorded}, the commit that was applied to {environment} last, cannot be found out: "
        "the history in between is not here and could not be fetched.",
        "A shallow clone, a commit that was never pushed, or a remote that does not answer.",
        "Fetch the whole history (for a CI checkout: depth 0) and apply again; have a commit pushed that is only in the clone "
        "that applied it; or `launcher apply --allow-older-commit --reason TEXT`, which is recorded.",
        {
            "default": "git fetch --unshallow",
            "whole": "The history of this clone is whole; so that commit was not pushed, or its branch is gone, or the remote does "
            "not answer. Have it pushed from where it was applied, then:\ngit fetch",
        },
    ),
    "L542": Entry(
        "Unknown revision",
        "git knows no commit {revision}.",
        "`--base` names a branch, tag or commit that is not in this repository, or not fetched.",
        "Correct it, or fetch it.",
        {"default": "git fetch"},
    ),
    "L543": Entry(
        "No git to look back with",
        "`--base` names a revision, but the workspace is not in a git repository.",
        "`launcher diff --offline --base REV` reads the lockfile of a commit.",
        "Leave `--base` out, to compare with the lockfile in the folder.",
        {"default": "launcher diff --offline"},
    ),
}

_PERMISSION: Mapping[str, Entry] = {
    "L527": Entry(
        "Not from a pull request",
        "{system} runs this for {why}: content that may not have been merged launches nothing in {environment}.",
        "A pipeline for pull requests, merge requests, their comments, or forks runs a command that launches or "
        "writes the record.",
        "Run `launcher validate` and `launcher diff --offline` there, and `launcher apply` on pushes to the "
        "protected branch.",
        {"default": "launcher diff -e {environment} --offline"},
    ),
    "L528": Entry(
        "Ledger would be lost",
        "{system} throws its checkout away, and the ledger would be in it: {path}",
        "The ledger is a file, and this is a CI run without a folder of its own for it.",
        "Keep the ledger on a branch of the remote, with `ledger: git` in the workspace, or name a folder outside the "
        "checkout that every run of this environment sees, in LAUNCHER_LEDGER_DIR.",
        {"default": "LAUNCHER_LEDGER_DIR=/var/lib/launcher"},
    ),
    "L538": Entry(
        "No override in CI",
        "{rule} cannot be overridden by a CI run: a person has to take it upon themselves.",
        "`--override` or `--allow-older-commit` stands in a pipeline.",
        "Run the command by hand.",
        {},
    ),
}

_REVIEW: Mapping[str, Entry] = {
    "L531": Entry(
        "Digest made offline",
        "A digest that starts with `offline:` was made without asking the server, so it does not tell which job "
        "plan content was reviewed.",
        "The digest comes from `launcher diff --offline`.",
        "Review `launcher diff` as it is where the server can be asked, and use its digest.",
        {"default": "launcher diff"},
    ),
    "L532": Entry(
        "Saved changeset cannot be used",
        "{path} cannot be used: {problem}",
        "It was not written by `launcher diff --save`, belongs to another environment, or was edited.",
        "Save it again.",
        {"default": "launcher diff --save changeset.json"},
    ),
    "L533": Entry(
        "Reviewed changes are gone",
        "What was reviewed is not what would be done any more: {names}. Nothing was sent.",
        "The manifests, the record, the job plan or the guards have moved since the changeset was saved.",
        "Review a new diff.",
        {"default": "launcher diff -e {environment}"},
    ),
    "L534": Entry(
        "Changed in the meantime",
        "The ledger of {environment} has moved since this was decided, and now something else would be done. "
        "Nothing was sent.",
        "Another run, or a person, has recorded something about these launches.",
        "Look at a new diff, and apply again.",
        {"default": "launcher diff -e {environment}"},
    ),
    "L536": Entry(
        "Review is stale",
        "The changeset that would be applied has the digest {digest}; the one that was reviewed has {reviewed}. "
        "Nothing was sent.",
        "The manifests, the record, the job plan or the guards have moved since the review.",
        "Review a new diff.",
        {"default": "launcher diff -e {environment}"},
    ),
}

_ASKED: Mapping[str, Entry] = {
    "L522": Entry(
        "Unknown environment",
        "The workspace declares no environment `{name}`.",
        "`--environment` names one that launcher.yaml does not declare.",
        "Correct the name, or declare the environment under `spec.environments` of launcher.yaml.",
        {"nearest": "Did you mean `{nearest}`?", "known": "The workspace declares: {known}."},
    ),
    "L523": Entry(
        "Unknown launch",
        "No launch `{name}` is declared or on record in {environment}.",
        "The name is not the `metadata.name` of a manifest that launches there.",
        "Correct the name; `launcher status` lists them.",
        {
            "nearest": "Did you mean `{nearest}`?",
            "renamed": "It has another name now, with the whole history:\nlauncher why {nearest} -e {environment}",
            "default": "launcher status -e {environment}",
        },
    ),
    "L537": Entry(
        "Unknown rule",
        "There is no rule {rule} to override.",
        "`--override` takes `CAPABILITY`, `clock`, or a guard by the name that it has in launcher.yaml.",
        "Correct the name.",
        {"default": "It takes: {known}."},
    ),
    "L539": Entry(
        "No reason",
        "{option} needs `--reason`: it is kept in the record for whoever asks later.",
        "A rule is set aside, or the record is changed by hand, without saying why.",
        "Say why.",
        {"default": "--reason TEXT"},
    ),
    "L540": Entry(
        "Outside the workspace",
        "{path} is not inside the workspace {root}.",
        "A path on the command line points to another folder.",
        "Name files of the workspace, or choose another one with `-C`.",
        {},
    ),
    "L541": Entry(
        "Path leaves the workspace",
        "{path} leads to {target}, outside the workspace. A repository must not choose which file is written.",
        "A file or folder is a symbolic link.",
        "Remove the link.",
        {},
    ),
    "L545": Entry(
        "No lockfile to restore from",
        "There is no {path} in the folder, nor at HEAD, so nothing is left to restore the ledger of "
        "{environment} from.",
        "Nothing was ever applied there, or the lockfile was never committed.",
        "Bring a lockfile back from git if there was one. Where nothing has ever run, start a new ledger.",
        {"default": "launcher ledger init -e {environment}"},
    ),
    "L544": Entry(
        "File cannot be written",
        "{path} cannot be written: {problem}. It is as it was.",
        "The file or its folder is read-only, or the disk is full.",
        "Make it writable, or make room.",
        {},
    ),
}

_RUN: Mapping[str, Entry] = {
    "L535": Entry(
        "Instance not read",
        "How far instance {instance} of {name} is could not be read: {message}",
        "The network, a proxy, the gateway or JOB itself failed.",
        "Nothing is lost: the next run looks again.",
        {"default": "launcher apply -e {environment} --refresh-only"},
        Severity.WARNING,
    ),
    "L550": Entry(
        "Interrupted",
        "The run was stopped before everything had ended. What it did is on record, no START is left half sent, and "
        "jobs that run go on without it.",
        "Ctrl-C, or a signal that asks to end.",
        "Apply again: the next run carries on from what is recorded. After a watch, watch again.",
        {
            "default": "launcher apply -e {environment}",
            "watch": "launcher watch -e {environment}",
        },
        Severity.WARNING,
    ),
    "L551": Entry(
        "Jobs go on",
        "The wait has ended and jobs still run: {names}.",
        "They take longer than was waited for them (`spec.wait` in an apply, `--timeout` of a watch), or they wait for a person.",
        "Watch them to their end, or apply again.",
        {"default": "launcher watch -e {environment}"},
        Severity.WARNING,
    ),
    "L552": Entry(
        "Not carried out",
        "{name} was not carried out: {why}.",
        "Something that it depends on did not succeed, or the run ended before its turn.",
        "`launcher why` shows what it waits for.",
        {"default": "launcher why {name} -e {environment}"},
        Severity.WARNING,
    ),
    "L553": Entry(
        "Nothing was done",
        "The changeset was not confirmed.",
        "The question was answered with no.",
        "Apply again when it is right.",
        {},
        Severity.WARNING,
    ),
}

_PEOPLE: Mapping[str, Entry] = {
    "L560": Entry(
        "Nothing to resolve",
        "The outcome of {name} is not unknown: attempt {attempt} has the outcome `{outcome}`.",
        "`launcher resolve` ends unknown outcomes only; everything else is known to the record.",
        "Look at what is on record.",
        {"default": "launcher status -e {environment}"},
    ),
    "L561": Entry(
        "Another job plan's instance",
        "Instance {instance} is called {found}, but {name} would have run as {expected}.",
        "The id belongs to another launch or to another scope.",
        "Look the instance up on JOB's own pages and give its id.",
        {},
    ),
    "L562": Entry(
        "Instance not read",
        "Instance {instance} of {name} could not be read: {message} Nothing was recorded.",
        "The network, a proxy, the gateway or JOB itself failed.",
        "Try again: whether it ran is not taken on trust while JOB can be asked.",
        {
            "default": "launcher resolve {name} -e {environment} --ran {instance} --reason TEXT",
            "adopt": "launcher adopt {name} -e {environment} --instance {instance} --reason TEXT",
            "again": "launcher status -e {environment} --refresh",
        },
    ),
    "L563": Entry(
        "Result no longer readable",
        "JOB does not know instance {instance} any more, so {name} is recorded as failed: that it ran is your "
        "word, that it succeeded nobody can show.",
        "JOB deletes its history after some weeks, or the id is of another server.",
        "Raise `revision` to launch it again, once you know that this is right.",
        {},
        Severity.WARNING,
    ),
    "L564": Entry(
        "Instance has not begun",
        "Instance {instance} of {name} stands at status 1: it has not begun, and its START may still be on its way. "
        "Nothing was recorded.",
        "JOB takes a START at once and begins later.",
        "Look again in some minutes. What then has begun did run; what has not begun ten minutes after its START "
        "can be resolved as not run.",
        {"default": "launcher status -e {environment} --refresh"},
    ),
    "L546": Entry(
        "It did run",
        "Instance {instance} of {name} has left status 1, so it was started. Nothing was recorded.",
        "`--not-ran` was said of an attempt that JOB knows to have begun.",
        "Say that it ran; how it ended is asked of JOB.",
        {"default": "launcher resolve {name} -e {environment} --ran {instance} --reason TEXT"},
    ),
    "L565": Entry(
        "Instance on record already",
        "Instance {instance} is on record for {other} already: it cannot count for {name} once more.",
        "The id was mixed up, or belongs to an earlier attempt.",
        "Look the instance up on JOB's own pages and give its id.",
        {},
    ),
    "L566": Entry(
        "Record moved",
        "The ledger of {environment} moved several times while this was to be recorded. Nothing was recorded.",
        "Another run is at work and records much.",
        "Try again.",
        {},
    ),
    "L567": Entry(
        "Not known whether it is recorded",
        "Whether the ledger of {environment} holds this cannot be known: {message}",
        "The disk is full, or the place where the ledger lives is gone or does not answer.",
        "Mend that, then look at what is on record.",
        {"default": "launcher status -e {environment}"},
    ),
    "L568": Entry(
        "No session to end",
        "No session is open in {environment}.",
        "The run that held the lock has ended by itself, or it is another environment.",
        "Nothing to do.",
        {},
    ),
    "L569": Entry(
        "Session may live",
        "Session {session} of {actor} on {host} (process {pid}) may still be alive. It was ended on record; its "
        "process will stop by itself before it claims anything else.",
        "`launcher unlock` was run while the session was at work.",
        "End that process, if it is not wanted.",
        {},
        Severity.WARNING,
    ),
    "L570": Entry(
        "Bound to this server already",
        "The ledger of {environment} is bound to this very server.",
        "`launcher ledger rebind` is for a ledger whose server has moved.",
        "Nothing to do.",
        {},
    ),
    "L571": Entry(
        "No ledger",
        "{environment} has no ledger yet, so there is nothing to look at or to change: {path}",
        "Nothing was applied there, or the ledger is kept elsewhere.",
        "Apply something, or name the ledger's folder in LAUNCHER_LEDGER_DIR.",
        {"default": "launcher apply -e {environment}"},
    ),
    "L572": Entry(
        "Not an instance id",
        "{instance} is not the id of an instance: JOB counts them from {first}. Nothing was recorded.",
        "The id was mistyped, or is that of a job plan, a step or an attempt.",
        "Copy the id from the page of the instance on JOB.",
        {"default": "Look the instance up on JOB's own pages and copy its id."},
    ),
    "L573": Entry(
        "JOB could not be asked",
        "Job plan {plan} could not be read, so nothing was decided: {message} Nothing was sent.",
        "The network, a proxy, the gateway or JOB itself failed, or the credentials are not accepted.",
        "Mend that and try again. `launcher diff --offline` compares with the lockfile alone.",
        {
            "default": "See what is wrong; a diff that goes by the lockfile alone asks nobody:\nlauncher doctor -e {environment}\n"
            "launcher diff -e {environment} --offline"
        },
    ),
}

OPERATIONS: Mapping[str, Entry] = {**_GIT, **_PERMISSION, **_REVIEW, **_ASKED, **_RUN, **_PEOPLE}
