"""Texts about the acts of people on one launch: L700 to L749."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENTRIES"]

_BY_HAND: Mapping[str, Entry] = {
    "L720": Entry(
        "Launch not declared",
        "{name} is not declared in {environment}, so there is nothing that could be asked for. Nothing was recorded.",
        "Its manifest was deleted, or it does not launch in this environment.",
        "Declare it again, or name the environment in which it is declared.",
        {"default": "launcher status -e {environment}"},
    ),
    "L721": Entry(
        "Rename not recorded yet",
        "{name} carries on the history of {old}, and no apply has recorded that yet. Nothing was recorded: a history "
        "of its own would part the two for good.",
        "`renamedFrom` is new in its manifest.",
        "Apply first; a rename starts nothing.",
        {"default": "launcher apply -e {environment} --only {name}"},
    ),
    "L722": Entry(
        "Outcome unknown",
        "Nobody can say whether attempt {attempt} of {name} ran. Nothing was recorded.",
        "An answer was lost, and the attempt may have run.",
        "Look on JOB's own pages whether it ran, and say so first.",
        {"default": "launcher resolve {name} -e {environment} --not-ran --reason TEXT"},
    ),
    "L723": Entry(
        "On its way",
        "Attempt {attempt} of {name} has the outcome `{outcome}`. Nothing was recorded and nothing was sent.",
        "What was started comes to its end first.",
        "Watch it to its end, or cancel it.",
        {"default": "launcher watch {name} -e {environment}"},
    ),
    "L724": Entry(
        "Operation pending",
        "Nobody knows yet whether JOB took an operation on attempt {attempt} of {name}: {operation}. Nothing was "
        "recorded and nothing was sent.",
        "The process that asked for it ended before it heard of the answer.",
        "See what the instance does now, then record it.",
        {"default": "launcher status -e {environment} --refresh"},
    ),
    "L725": Entry(
        "Older declaration",
        "{name} is declared with revision {revision}, and revision {highest} is on record. Nothing was recorded.",
        "What is checked out is older than what ran, or the revision was lowered.",
        "Bring the checkout up to date, or raise `revision`.",
        {"default": "launcher why {name} -e {environment}"},
    ),
    "L726": Entry(
        "Counts as done already",
        "What is declared as {name} counts as done: attempt {attempt} has the outcome `{outcome}`. Nothing was recorded and nothing "
        "was sent.",
        "It was asked for a second time, or another name was meant.",
        "Nothing needs to be done. To run it again as it is, raise `revision` in its manifest.",
        {"default": "Raise `revision` in the manifest of {name}."},
    ),
    "L727": Entry(
        "Prepared instance was started",
        "Instance {instance} was prepared for {name}, and somebody else has started it. Nothing was recorded: it must "
        "not look as if it had never run.",
        "It was started on JOB's own pages.",
        "Apply: the instance is then on record as started, and is watched to its end.",
        {"default": "launcher apply -e {environment} --only {name}"},
    ),
    "L728": Entry(
        "Instance not found",
        "JOB does not know instance {instance} in {scope}, where {name} launches. Nothing was recorded.",
        "The id was mistyped, is of another scope or server, or JOB has deleted its history since.",
        "Copy the id from the page of the instance on JOB. What JOB has forgotten can be waived.",
        {"default": "launcher waive {name} -e {environment} --reason TEXT"},
    ),
    "L729": Entry(
        "Instance never begun",
        "Instance {instance} stands at status 1: nobody has started it, so it cannot count as {name}. Nothing was "
        "recorded.",
        "It was created and not started, or its START is on its way.",
        "Adopt it once it runs, or let an apply launch the job plan.",
        {"default": "launcher apply -e {environment} --only {name}"},
    ),
    "L730": Entry(
        "Instance failed",
        "Instance {instance} failed or was cancelled (status {status}), so it cannot count as {name}. Nothing was "
        "recorded.",
        "Only what has succeeded, or still may, is adopted.",
        "Carry on with it on JOB's own pages and adopt it then; or let the launch count as done all the same.",
        {"default": "launcher waive {name} -e {environment} --reason TEXT"},
    ),
    "L731": Entry(
        "Job plan not read",
        "Job plan {plan} of {name} could not be read, so instance {instance} cannot be compared with it: {message} "
        "Nothing was recorded.",
        "The network, a proxy, the gateway or JOB itself failed, or the job plan is gone.",
        "Mend that and try again.",
        {"default": "launcher adopt {name} -e {environment} --instance {instance} --reason TEXT"},
    ),
    "L732": Entry(
        "Job plan changed since",
        "Job plan {plan} was changed after instance {instance} was created, so what the instance ran need not be what "
        "{name} would run now. It is adopted on your word.",
        "The job plan was edited between that run and now.",
        "If the change matters, raise `revision` to launch what is there now.",
        {},
        Severity.WARNING,
    ),
    "L733": Entry(
        "Nothing to retry",
        "No attempt of what is declared as {name} now has failed, was cancelled or was refused. Nothing was sent.",
        "It has never run as it is declared, or another name was meant.",
        "An apply launches what has not run yet.",
        {"default": "launcher why {name} -e {environment}"},
    ),
    "L734": Entry(
        "Cannot start now",
        "{name} was asked for and cannot be started now: {why}. Nothing was sent.",
        "A need, a hold or a review stands in the way; asking for a launch lifts none of them.",
        "See what would unblock it, and ask again then.",
        {"default": "launcher why {name} -e {environment}"},
    ),
}

ENTRIES: Mapping[str, Entry] = {**_BY_HAND}
