"""Texts about operations on an instance that was started: L331 to L349; L630 and L631 are in `unsent`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OPERATING"]

_LOOK = {"default": "launcher status -e {environment} --refresh"}

OPERATING: Mapping[str, Entry] = {
    "L331": Entry(
        "Nothing left to cancel",
        "Instance {instance} of {name} stands at status {status}: it does not run. Nothing was sent.",
        "It ended before it could be cancelled.",
        "Look at what came of it.",
        _LOOK,
    ),
    "L332": Entry(
        "No confirmation is waited for",
        "Instance {instance} of {name} stands at status {status}, and no step of it waits for a person. Nothing was sent.",
        "Somebody has answered already, or the instance has not come that far.",
        "Look at where it stands; JOB moves a step a moment after it was answered.",
        _LOOK,
    ),
    "L333": Entry(
        "No confirmation was ended",
        "Instance {instance} of {name} stands at status {status}, and no step of it was ended by the person who was to "
        "confirm it (status 13). Nothing was sent.",
        "Only a confirmation that somebody answered with no can be asked for again.",
        "Look at where it stands.",
        _LOOK,
    ),
    "L334": Entry(
        "No failed hosts to retry",
        "Instance {instance} of {name} stands at status {status}. Hosts can be retried in a step that failed, ended "
        "abnormally or was stopped (status 4, 9 or 11), once the instance has ended. Nothing was sent.",
        "It runs, it succeeded, or what ended it was no script or file step.",
        "Look at where it stands. For a whole new attempt instead, see `launcher why NAME`.",
        _LOOK,
    ),
    "L335": Entry(
        "Already being stopped",
        "Instance {instance} of {name} stands at status 10: it was told to stop and has not stopped yet. Nothing was sent.",
        "JOB waits for the hosts.",
        "Look again in a while.",
        _LOOK,
    ),
    "L336": Entry(
        "Not begun yet",
        "Instance {instance} of {name} stands at status 1: its START was sent, and JOB has not begun it. An instance "
        "that has not begun cannot be operated on. Nothing was sent.",
        "JOB takes a START at once and begins later.",
        "Ask again once it has begun.",
        _LOOK,
    ),
    "L337": Entry(
        "Several steps",
        "More than one step of instance {instance} of {name} is meant: {steps}. Nothing was sent.",
        "The job plan has several steps in this state.",
        "Name the step, or where two have the same name, give its id.",
        {
            "default": "launcher confirm {name} -e {environment} --step STEP --continue --reason TEXT"
        },
    ),
    "L338": Entry(
        "No such step",
        "No step {step} of instance {instance} of {name} is in a state that this fits; these are: {steps}. Nothing was sent.",
        "The name is mistyped, or that step is in another state.",
        "Name one of those steps.",
        _LOOK,
    ),
    "L339": Entry(
        "Instance is not ours",
        "Instance {instance} is on record for {name}, but it cannot be the one that was prepared. {message} Nothing was sent.",
        "The ledger or the server is not what it was, or a wrong instance was named by hand.",
        "Look the instance up on JOB's own pages, and operate on it there.",
        _LOOK,
    ),
    "L340": Entry(
        "JOB refused the operation",
        "JOB refused the operation {operation} on instance {instance} of {name}: {message} Nothing happened, and that is recorded.",
        "Instance or step have moved on since they were read, a permission is missing, or the account is not "
        "among those who may confirm.",
        "Look at where it stands, and ask again if that still fits.",
        _LOOK,
    ),
    "L341": Entry(
        "Nobody can say whether JOB took it",
        "The operation {operation} on instance {instance} of {name} was asked for, and neither the instance nor its step has moved "
        "since: it stands at status {status}. {message}",
        "The answer was lost, or JOB's queue is far behind. An operation is never sent twice by itself.",
        "Look at it on JOB's own pages. If nothing has come of it, ask again.",
        _LOOK,
    ),
    "L342": Entry(
        "No instance to operate on",
        "Attempt {attempt} of {name} has the outcome `{outcome}`, and no instance of it was started. Nothing was sent.",
        "It is on its way, or what may have started it gave no id.",
        "Look at where it stands.",
        _LOOK,
    ),
    "L343": Entry(
        "Outcome unknown",
        "Nobody can say whether attempt {attempt} of {name} ran, so its instance is not operated on.",
        "An answer was lost, or JOB does not know the instance any more.",
        "Find out whether it ran, and as which instance, and say so first.",
        {"default": "launcher resolve {name} -e {environment} --ran INSTANCE --reason TEXT"},
    ),
    "L344": Entry(
        "JOB does not know the instance",
        "JOB does not know instance {instance} of {name} any more.",
        "JOB deletes its history after some weeks, or it is another server.",
        "Look for it on JOB's own pages.",
        _LOOK,
    ),
    "L345": Entry(
        "Instance not read",
        "How far instance {instance} of {name} is could not be read: {message} Nothing was sent.",
        "The network, a proxy, the gateway or JOB itself failed.",
        "Ask again once JOB answers: an operation is only sent where it fits what was just read.",
        _LOOK,
    ),
    "L346": Entry(
        "Waits for something else",
        "Instance {instance} of {name} waits at status 7, and not at a confirmation. Terminating it there could leave "
        "it at status 10 for ever, so nothing was sent.",
        "A step waits for a person in a way that launcher does not know.",
        "Operate on it on JOB's own pages.",
        {},
    ),
    "L347": Entry(
        "Nothing to cancel on JOB",
        "Attempt {attempt} of {name} has the outcome `{outcome}`: nothing of it has been started, and JOB has no way to cancel an "
        "instance that was not. It does nothing until somebody starts it, and nothing was sent.",
        "An un-started instance can be neither terminated nor deleted through JOB's API.",
        "Suspend the launch (`suspend: true`) or delete its manifest before the next apply: then its instance is never "
        "started. A run that is at work right now may still start it; cancel it then.",
        _LOOK,
    ),
    "L348": Entry(
        "Nothing runs",
        "Attempt {attempt} of {name} has the outcome `{outcome}`: there is no instance of it that could be operated on. Nothing was sent.",
        "It has ended for good, or it never ran.",
        "Look at what is on record.",
        {"default": "launcher status -e {environment}"},
    ),
    "L349": Entry(
        "Interrupted before it showed",
        "The operation {operation} on instance {instance} of {name} was asked for, and the command was interrupted before anything of it showed.",
        "Ctrl-C, or a signal that asks to end, came first. The operation is on record as pending.",
        "Ask again: what came of it is looked at first, and nothing is sent twice.",
        _LOOK,
    ),
}
