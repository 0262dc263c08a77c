"""Texts about decisions: guards, and what a review covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENTRIES"]

_GUARDS: Mapping[str, Entry] = {
    "L250": Entry(
        "Job plan not allowed",
        "`{name}` would run job plan {plan}, but {environment} allows only these: {allowed}.",
        "`guards.allowedPlans` of the environment does not list the job plan.",
        "Correct `plan`; or have the job plan added to `allowedPlans` of the environment.",
        {
            "default": "Allow it in launcher.yaml, or once:\n"
            "launcher apply -e {environment} --override allowedPlans --reason TEXT",
            "refused": "Allow it in launcher.yaml and ask for another attempt, or once:\n"
            "launcher retry {name} -e {environment} --override allowedPlans --reason TEXT",
        },
    ),
    "L251": Entry(
        "Too many hosts",
        "`{name}` would run on {count} hosts; {environment} allows {limit} for one launch.",
        "The host variables name, or a dynamic group or a topology node stands for, more hosts than "
        "`guards.maxHosts` of the environment allows; or how many they are cannot be read.",
        "Name fewer hosts, split the launch, or have `maxHosts` raised.",
        {
            "default": "Raise it in launcher.yaml, or once:\n"
            "launcher apply -e {environment} --override maxHosts --reason TEXT",
            "refused": "Raise it in launcher.yaml and ask for another attempt, or once:\n"
            "launcher retry {name} -e {environment} --override maxHosts --reason TEXT",
        },
    ),
    "L253": Entry(
        "Too many launches",
        "{count} launches would be started; {environment} allows {limit} in one apply. Nothing is done.",
        "More has changed at once than `guards.maxLaunches` of the environment expects: often a default that "
        "every manifest inherits.",
        "Look whether all of it is meant. If so, apply in parts, with `--only`, or set the guard aside once.",
        {
            "default": "launcher apply -e {environment} --only NAME\n"
            "launcher apply -e {environment} --override maxLaunches --reason TEXT"
        },
    ),
    "L255": Entry(
        "Server's clock not known",
        "Whether `{name}` may start depends on the time, and the server has not said what time it is.",
        "Windows, freezes or `notBefore` are set, and no answer of the server carried a `Date`.",
        "Find out what on the way removes the header `Date` from the answers.",
        {
            "default": "If this machine's clock is right:\n"
            "launcher apply -e {environment} --override clock --reason TEXT"
        },
    ),
    "L256": Entry(
        "Clocks differ",
        "Whether `{name}` may start depends on the time, and the server's clock is {skew} {way} ours.",
        "One of the two clocks is wrong. Windows, freezes and `notBefore` are evaluated by ours, and two minutes "
        "is the most that it may be off.",
        "Have both machines synchronise their clocks.",
        {
            "default": "If this machine's clock is right:\n"
            "launcher apply -e {environment} --override clock --reason TEXT"
        },
    ),
}

_ROWS: Mapping[str, Entry] = {
    "L257": Entry(
        "Time not compared",
        "Windows, freezes and `notBefore` of {environment} were evaluated by this machine's clock: without asking the "
        "server it cannot be told whether that clock is right.",
        "`launcher diff --offline` asks no server, so it does not learn what time it is there.",
        "Nothing needs to be done: an apply compares the clocks.",
        {"default": "launcher diff -e {environment}"},
        Severity.WARNING,
    ),
    "L258": Entry(
        "Rename not possible",
        "`{name}` says `renamedFrom: {by}`, but the history of `{by}` cannot become its own: `{by}` is still declared "
        "or two launches want it, or `{name}` has a history already.",
        "A history moves as a whole, to one new name that has none yet.",
        "Delete the manifest of the old name; or remove `renamedFrom`, and the two are different launches.",
        {
            "default": "Remove the manifest that still declares `{by}`, or the line `renamedFrom`.",
            "history": "Remove the line `renamedFrom: {by}`: `{name}` has run under its own name.",
        },
    ),
    "L259": Entry(
        "Edited after its one run",
        "`{name}` is to run once and has run ({by}), but what is declared now is something else. It would never run.",
        "A manifest with `trigger: once` was edited after its success.",
        "Raise `revision` to have it run again; or, if the edit only tells what has been done anyway, waive it.",
        {
            "default": "Raise `revision`, or run:\n"
            "launcher waive {name} -e {environment} --reason TEXT"
        },
    ),
}

_REVIEW: Mapping[str, Entry] = {
    "L260": Entry(
        "Not reviewed",
        "No review covers {names} in {environment}, so nothing is done for that. What would be done has the digest "
        "{digest}.",
        "`guards.requireReviewedDigest` is set, and the run names no reviewed digest, nor was one recorded that "
        "still holds: any change of content, policy, job plan or guards makes it void. Or the digest that is named "
        "does not cover the launch that was asked for.",
        "Have the changeset of `launcher diff` reviewed, and name its digest: with `--digest`, in "
        "`LAUNCHER_REVIEWED_DIGEST`, or as a trailer `Launcher-Digest: ENVIRONMENT DIGEST` of the merge commit.",
        {
            "default": "Once it is reviewed:\nlauncher apply -e {environment} --digest {digest}",
            "asked": "Once it is reviewed, add to the command:\n--digest {digest}",
        },
    ),
    "L261": Entry(
        "Review is void",
        "What was approved with {reviewed} is not what would be done any more: {names}. Nothing was sent.",
        "Content, policy, job plan or guards of a launch have changed since it was approved.",
        "Review a new diff.",
        {"default": "launcher diff -e {environment}"},
    ),
    "L262": Entry(
        "Rule set aside",
        "{rule} is set aside for this run: {reason}",
        "A person ran `apply` with `--override`.",
        "Nothing needs to be done: who did it, and why, is on record.",
        {},
        Severity.WARNING,
    ),
}

ENTRIES: Mapping[str, Entry] = {**_GUARDS, **_ROWS, **_REVIEW}
