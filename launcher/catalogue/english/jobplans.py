"""Texts about job plans: names, and what JOB itself keeps silent about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENTRIES"]

_NAMES: Mapping[str, Entry] = {
    "L280": Entry(
        "No job plan of that name",
        'No job plan named "{plan}" is where `{name}` looks for it, in scope {scope}.',
        "The job plan was renamed or deleted, belongs to another scope or template, or is misspelt: upper and lower case "
        "count.",
        "Copy the name from JOB's own pages, or name the job plan by its id.",
        {
            "near": "Did you mean one of these? {candidates}.",
            "elsewhere": "Other templates have one: {candidates}.",
            "known": "The scope has: {candidates}.",
        },
    ),
    "L281": Entry(
        "Ambiguous job plan",
        'Several job plans in scope {scope} have the name "{plan}" that `{name}` gives.',
        "JOB keeps the names of job plans apart within one template only.",
        "Say which template is meant, or name the job plan by its id.",
        {
            "default": "Add `template`, or use an id: {candidates}.",
            "id": "Use an id: {candidates}.",
        },
    ),
    "L282": Entry(
        "No template of that name",
        'Scope {scope} has no template "{template}", in which `{name}` looks for its job plan "{plan}".',
        "The template was renamed or deleted, belongs to another scope, or is misspelt: upper and lower case count.",
        "Copy the name from JOB's own pages; or leave `template` out, if no other job plan has the same name.",
        {
            "near": "Did you mean one of these? {candidates}.",
            "known": "The scope has: {candidates}.",
        },
    ),
    "L283": Entry(
        "Another job plan has the name now",
        "{name} was decided with job plan {before}, and its name {plan} stood for job plan {now} a moment later. Nothing "
        "was sent.",
        "Job plans were renamed on JOB while this apply was under way.",
        "Look at a new diff, and apply again.",
        {"default": "launcher diff {name}"},
    ),
    "L284": Entry(
        "Job plan not known to be allowed",
        "Which job plan {plan} of {name} stands for is not known, and {environment} allows only some.",
        "`guards.allowedPlans` lists ids. A name could not be looked up, so the guard cannot be asked, and refuses.",
        "Apply again once JOB can be asked; or name the job plan by its id.",
        {"default": "launcher diff {name} -e {environment}"},
    ),
    "L285": Entry(
        "Allowed job plans not compared",
        "`allowedPlans` of {environment} lists ids, and {name} names its job plan {plan}: without asking the server it "
        "cannot be told whether that is one of them.",
        "`launcher diff --offline` asks no server, so it looks no name up.",
        "Nothing needs to be done: an apply looks the name up and asks the guard.",
        {"default": "launcher diff {name} -e {environment}"},
        Severity.WARNING,
    ),
    "L286": Entry(
        "The name has moved",
        "{name} is in sync: it ran as job plan {before}. Its name {plan} now stands for job plan {now}, which has not run.",
        "Job plans were renamed or made anew on JOB. What is declared has not changed, so nothing is started.",
        "If the other job plan is to run, raise `revision`; if not, name the job plan by its id.",
        {"default": "plan: {{id: {before}}}"},
        Severity.WARNING,
    ),
}

_VALUES: Mapping[str, Entry] = {
    "L287": Entry(
        "Required variable without a value",
        "Job plan `{plan}` requires {variable} ({kind}) and has no value of its own for it, and `{name}` gives none. JOB "
        "does not look at `required`: it would launch with nothing.",
        "The variable is left out of the manifest, and is empty in the job plan.",
        "Give it a value under `variables`, or have one set in the job plan.",
        {
            "default": 'variables: {{{variable}: "…"}}',
            "hosts": "variables: {{{variable}: {{hosts: {{ids: […]}}}}}}",
        },
    ),
    "L288": Entry(
        "Required variable set to nothing",
        "`{name}` sets {variable} to the empty text, and job plan `{plan}` requires it. JOB does not look at `required`: "
        "it would launch with nothing.",
        '`""` stands at a variable that the job plan marks as required.',
        "Give it a value; or leave it out where the job plan has a value of its own, which is then used.",
        {
            "default": "Give `{variable}` a value.",
            "own": "Give `{variable}` a value, or remove it: the job plan has one of its own.",
        },
    ),
    "L289": Entry(
        "Required secret left to the job plan",
        "Job plan `{plan}` requires {variable}, and `{name}` leaves it out. JOB never shows whether a Ciphertext has a "
        "value, so it may be launched with none.",
        "A required Ciphertext variable is left out of the manifest.",
        "Give a secret, or make sure on JOB's own pages that the job plan has a value.",
        {"default": '{variable}: {{secret: {{env: NAME, version: "1"}}}}'},
        Severity.WARNING,
    ),
    "L290": Entry(
        "Step without hosts",
        "A step of job plan `{plan}` runs on the hosts of {variable}. The job plan names none, and `{name}` leaves it out: "
        "JOB would refuse to create the job.",
        "A Host variable that a step runs on is empty in the job plan and left out of the manifest.",
        "Name hosts under `variables`.",
        {"default": "variables: {{{variable}: {{hosts: {{ids: […]}}}}}}"},
    ),
    "L291": Entry(
        "Name and id of two variables",
        "`{variable}` of `{name}` has id {id}, which is {target} in job plan `{plan}`. JOB goes by the id alone.",
        "The id was copied from another variable, or the variable was renamed on JOB.",
        "Write the name that the id has, or correct the id.",
        {"default": "Write `{target}` for `{variable}`, or correct the id."},
        Severity.WARNING,
    ),
    "L292": Entry(
        "Variable of no step",
        "`{name}` sets {variable}, but no enabled step of job plan `{plan}` uses it, as far as JOB can tell.",
        "The step that used it is disabled or was changed; or it is used in a way that JOB does not recognise.",
        "Remove it, or look at the steps of the job plan.",
        {"default": "Remove `{variable}`, if it is meant to change nothing."},
        Severity.WARNING,
    ),
    "L293": Entry(
        "Not the form of an array",
        "{variable} of `{name}` is an {kind} in job plan `{plan}`, and its text is not one. JOB hands it on unseen, and the "
        "script would find something else in it.",
        "Arrays are written as bash reads them, in parentheses.",
        "Write the text as in `(one two)`, or as in `([key]=value)` for an associative array.",
        {"default": '{variable}: "{form}"'},
        Severity.WARNING,
    ),
    "L294": Entry(
        "No marker",
        "Instances of job plan `{plan}` cannot be marked with {variable}, so an instance of `{name}` whose answer gets "
        "lost is not found again: another one is prepared, and the first stays un-started.",
        "JOB lets only String variables be read back, of job plans with a script step; launcher marks instances with one that the "
        "workspace names.",
        "Declare the variable in the job plan as String, with an empty value.",
        {
            "default": "Add a String variable `{variable}` to the job plan.",
            "kind": "Make `{variable}` of the job plan a String.",
            "step": "Only a script step would let it be read back.",
        },
        Severity.WARNING,
    ),
}

_ONLINE: Mapping[str, Entry] = {
    "L295": Entry(
        "Scope could not be asked",
        "Nothing could be asked in scope {scope} of {environment}, so its launches are not checked against their job "
        "plans: {message}",
        "The server is not reached, does not accept the credentials, or does not let them into the scope "
        "(`access_business`).",
        "Mend that and try again. Without `--online`, everything else is checked.",
        {
            "default": "launcher doctor -e {environment}",
            "refused": "Check that scope {scope} is the right one, and the permission to access it.",
        },
    ),
    "L296": Entry(
        "Job plan not asked for",
        "Job plan {plan} could not be asked for in {environment}, so what uses it is not checked: {message}",
        "The network, a proxy, the gateway or JOB itself failed.",
        "Try again.",
        {"default": "launcher validate --online -e {environment}"},
    ),
}

ENTRIES: Mapping[str, Entry] = {**_NAMES, **_VALUES, **_ONLINE}
