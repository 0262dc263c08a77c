"""Texts about launches: rules across files, changesets, the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENTRIES"]

ENTRIES: Mapping[str, Entry] = {
    "L201": Entry(
        "Unknown environment",
        "The workspace declares no environment `{environment}`.",
        "A manifest names an environment under `environments` that `launcher.yaml` does not declare.",
        "Correct the name, or declare the environment under `spec.environments` of launcher.yaml.",
        {"nearest": "Did you mean `{nearest}`?", "known": "The workspace declares: {known}."},
    ),
    "L202": Entry(
        "No job plan",
        "After defaults, spec and overlay are merged, `{name}` names no job plan for `{environment}`.",
        "Neither the workspace's defaults nor the manifest's `spec` nor its overlay for this environment "
        "sets `plan`.",
        "Set `plan: {id: …}` or `plan: {name: …}` in `spec`, or under `environments` for each environment that needs its own.",
        {"default": "plan: {{id: 1000}}"},
    ),
    "L203": Entry(
        "Scope outside the environment",
        "`{name}` names scope {scope}, but `{environment}` launches in scope {expected}.",
        "A manifest names a scope of its own that is neither the scope of the environment it launches in nor one of "
        "its `allowedScopes`.",
        "Leave `scope` out of the manifest, launch it in an environment of that scope, or let the environment allow "
        'the scope: `allowedScopes: [{type: biz, id: "3"}]` in launcher.yaml.',
        {"default": "Remove `scope`: the environment's is used."},
    ),
    "L204": Entry(
        "Marker variable set by hand",
        "`{marker}` is the workspace's marker variable: launcher writes it at every launch to find its own "
        "instances again.",
        "A manifest, or the workspace's defaults, gives a value to the variable that `spec.marker` names.",
        "Remove the variable, or choose another marker in launcher.yaml.",
        {"default": "Remove `{marker}`."},
    ),
    "L205": Entry(
        "Variable addressed twice",
        "`{variable}` and `{first}` of `{name}` both address the variable with id {id}; JOB would let the last "
        "one win without a word.",
        "Two entries of `variables` carry the same `id`.",
        "Keep one of them, or correct the id of the other.",
        {"default": "Remove one of the two, or correct its `id`."},
    ),
    "L206": Entry(
        "Unknown need",
        "No manifest declares `{need}` for `{environment}`, so nothing that needs it could ever run there.",
        "`needs` names a launch that does not exist, or that does not launch in the same environment.",
        "Correct the name, or let the needed manifest launch in this environment as well.",
        {
            "nearest": "Did you mean `{nearest}`?",
            "default": "Add `{environment}` to the environments of `{need}`, or remove the need.",
        },
    ),
    "L207": Entry(
        "Needs in a circle",
        "In `{environment}` these launches need each other: {circle}. None of them could ever be first.",
        "Following `needs` from one launch leads back to it.",
        "Remove the need that is not a real one.",
        {"default": "Remove this need, or another one of the circle."},
    ),
    "L209": Entry(
        "Renamed from itself",
        "`renamedFrom` of `{name}` is the name that it has now, so there is nothing to rename.",
        "A manifest was copied, or `metadata.name` was not changed.",
        "Remove `renamedFrom`, or write the name that the launch had before.",
        {"default": "Remove `renamedFrom`."},
    ),
    "L210": Entry(
        "Renamed from a launch that is still declared",
        "`{name}` is to take over the history of `{old}`, but `{old}` is still declared for `{environment}`: "
        "both would claim what has run.",
        "The manifest of the old name was copied rather than changed, or is still there from before the rename.",
        "Delete the manifest of the old name, or let it no longer launch in this environment. If both are to "
        "run, remove `renamedFrom`: then the new one starts without a history.",
        {"default": "Remove `renamedFrom`, or the manifest of `{old}`."},
    ),
    "L213": Entry(
        "History claimed twice",
        "`{name}` and `{first}` are both renamed from `{old}` in `{environment}`. A history goes to one launch, "
        "and the other would run again.",
        "A manifest was copied together with its `renamedFrom`.",
        "Keep `renamedFrom` in the one that goes on with the history.",
        {"default": "Remove `renamedFrom` here, or from `{first}`."},
    ),
    "L211": Entry(
        "Looks renamed",
        "`{name}` is new and would run exactly what `{by}` ran, and `{by}` is no longer declared. If it is the "
        "same launch under a new name, it would run a second time.",
        "A manifest's `metadata.name` was changed, so the history of the old name is not found.",
        "Add `renamedFrom` to its metadata, or keep the old name; or, if the same content is really to run again "
        "under another name, say so with "
        "`launcher apply --as-new NAME`.",
        {
            "default": "If it is the same launch, add `renamedFrom: {by}` to its metadata; if it is to run again:\n"
            "launcher apply -e {environment} --as-new {name}",
        },
    ),
    "L212": Entry(
        "Revision lowered",
        "`{name}` declares revision {revision}, but revision {by} is on record.",
        "A revision only ever grows: a lower one cannot be told from a manifest that is out of date.",
        "Raise `revision` above the recorded one to ask for the same launch again.",
        {"default": "Raise it above {by}."},
    ),
    "L221": Entry(
        "Job plan not readable",
        "Job plan {plan} of `{name}` could not be read: {message}",
        "The job plan does not exist in this scope, or the credentials may not see it.",
        "Check id or name and the scope on JOB's own pages, and the permission to view the job plan.",
        {"default": "Check `plan` and the scope of the environment."},
    ),
    "L222": Entry(
        "Unknown variable",
        "Job plan `{plan}` of `{name}` declares no variable {address}. JOB would ignore it without a word.",
        "A variable of the manifest matches none of the job plan's by name, or by id where it carries one.",
        "Correct the name or the id, or remove the variable.",
        {
            "nearest": "Did you mean `{nearest}`?",
            "known": "It declares: {known}.",
            "id": "JOB matches by id alone where one is given. It declares: {known}.",
        },
    ),
    "L223": Entry(
        "Wrong kind of value",
        "`{variable}` of `{name}` does not fit: job plan `{plan}` declares it as {kind}.",
        "Hosts are given for a variable that takes text, or text for one that takes hosts.",
        "Give `hosts:` to a Host variable and text to any other.",
        {"default": "Give a value that fits {kind}."},
    ),
    "L224": Entry(
        "Secret for an open variable",
        "`{variable}` of `{name}` takes a secret, but job plan `{plan}` declares it as {kind}, which everybody "
        "may read back.",
        "A `secret` reference stands at a variable that is not Ciphertext.",
        "Make the variable Ciphertext in the job plan, or give a plain value.",
        {"default": "Only a Ciphertext variable takes a secret."},
    ),
    "L225": Entry(
        "Plain value for a Ciphertext variable",
        "`{variable}` of `{name}` is Ciphertext in job plan `{plan}`, but its value stands in the manifest for "
        "everybody to read.",
        "A plain value stands at a Ciphertext variable.",
        "Refer to a secret instead, and rotate the value that was written down.",
        {"default": '{variable}: {{secret: {{env: NAME, version: "1"}}}}'},
    ),
    "L226": Entry(
        "Variable addressed twice",
        "`{variable}` and `{first}` of `{name}` both set `{target}` of job plan `{plan}`; JOB would let one of them "
        "win without a word.",
        "One entry of `variables` addresses a variable by id and another one by its name.",
        "Keep one of them.",
        {"default": "Remove one of the two."},
    ),
    "L208": Entry(
        "Addresses beside host ids",
        "`{variable}` of `{name}` lists host ids and addresses. JOB ignores every address where an id is given, "
        "so these hosts would be left out without a word.",
        "A Host variable lists both `ids` and `ips`.",
        "List every host by its id, or every host by its address.",
        {"default": "Use either `ids` or `ips`."},
    ),
    "L231": Entry(
        "No two-phase launch",
        "This server cannot create an instance without starting it, so a lost answer could start a job twice.",
        "bk-job before 3.10.3, or a door that drops `start_task`. Both were asked in a way that runs nothing.",
        "Upgrade bk-job. Where that cannot be, `guards: {allowSinglePhase: true}` in the environment lets "
        "launches go out in one request; an answer that is lost then gives an unknown outcome.",
        {
            "default": "Upgrade bk-job, or set `guards: {{allowSinglePhase: true}}` for this environment."
        },
    ),
    "L232": Entry(
        "Capability not proven",
        "Whether this server can create an instance without starting it could not be found out, so nothing was launched: "
        "{message}",
        "The server answered the two questions that prove it with something else, or not at all.",
        "Look at the answer above. `launcher apply --override CAPABILITY --reason TEXT` takes the server's "
        "capability for granted, on record.",
        {
            "default": "Try again; or, if you know the server:\n"
            "launcher apply -e {environment} --override CAPABILITY --reason TEXT"
        },
    ),
    "L233": Entry(
        "Job plan changed since the diff",
        "Job plan {plan}, which {name} would run, was changed while this apply was under way.",
        "Somebody saved the job plan between the diff and the launch, so what would run is not what was shown.",
        "Look at a new diff, and apply again.",
        {"default": "launcher diff {name}"},
    ),
    "L235": Entry(
        "Server started at once",
        "The instance of {name} was to be created un-started, but the server has started it. The run has "
        "stopped, so that the same does not happen to another launch.",
        "Some replicas of the server are older than the one that proved its capability.",
        "Let the server's upgrade finish. The launch itself is on record and goes on.",
        {"default": "launcher status"},
    ),
    "L236": Entry(
        "Ledger did not answer",
        "It is not known whether the ledger holds the newest record: {message} Nothing was started on the "
        "strength of it.",
        "The disk is full, or the place where the ledger lives is gone.",
        "Mend that, then apply again: the next run carries on from what is recorded.",
        {"default": "launcher apply"},
    ),
    "L237": Entry(
        "Session lost",
        "The session of this run was ended by {by}. This run has claimed nothing since.",
        "Another run took over a session that had been silent for too long, or a person ended it.",
        "Let the other run finish, then apply again.",
        {"default": "launcher status"},
    ),
    "L238": Entry(
        "JOB did not do it",
        "JOB could not be asked to {what} {name}, or gave no usable answer: {message}",
        "The network, a proxy, the gateway or JOB itself failed.",
        "Apply again: the next run carries on from what is recorded.",
        {"default": "launcher apply"},
    ),
    "L239": Entry(
        "Instances vanish",
        "JOB has lost the un-started instance of {name} several times in a row.",
        "Another scope or another server answers, or JOB's history is deleted very early.",
        "Check that the server behind the environment is the right one and keeps its history.",
        {"default": "launcher status"},
    ),
    "L240": Entry(
        "Started by somebody else",
        "The prepared instance of {name} was started outside launcher, before it was verified.",
        "A person or another program started it on JOB.",
        "Find out who did. The launch counts as started, and its outcome is recorded.",
        {"default": "launcher status"},
        Severity.WARNING,
    ),
    "L241": Entry(
        "Not sent in time",
        "{name} was not started: several times in a row its {what} could not be sent in time after its record.",
        "JOB, this machine or the ledger is very slow, the server asks to be left alone for longer than that, or the "
        "process was stopped in between.",
        "Apply again: the next run goes on with what is recorded. A smaller `--parallelism` keeps requests from waiting "
        "for each other; LAUNCHER_START_WINDOW is the time that each of them has.",
        {"default": "launcher apply"},
    ),
    "L242": Entry(
        "Quota full",
        "JOB takes no more instances for now, so {name} was not launched.",
        "The quota of running jobs is used up; un-started instances count as well, for about an hour.",
        "Apply again later, or without `--no-wait`.",
        {"default": "launcher apply"},
        Severity.WARNING,
    ),
    "L243": Entry(
        "Old instance not readable",
        "{name} has a prepared instance that is to be replaced. Whether somebody has started it could not be "
        "read, so no other one was created.",
        "JOB, or the way to it, failed when the instance was read.",
        "Apply again.",
        {"default": "launcher apply"},
    ),
    "L244": Entry(
        "Server knows no START",
        "The server does not know the START that was sent for {name}, so it may have started the instance when it "
        "created it. The run has stopped, so that the same does not happen to another launch.",
        "The server, or a replica of it, is older than bk-job 3.10.3.",
        "Let the server's upgrade finish. The launch is on record as started; JOB is asked what came of it.",
        {"default": "launcher apply"},
    ),
}
