"""Texts about job plans that were changed, pins, and the rewriting of manifests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LAUNCHES", "MANIFESTS"]

LAUNCHES: Mapping[str, Entry] = {
    "L263": Entry(
        "Job plan is not the pinned one",
        "`{name}` may only run the pinned content of job plan {plan} ({pinned}), and JOB has other content now ({found}).",
        "The job plan was changed on JOB after the manifest was pinned: somebody saved it, or it was synced with its "
        "template. Or `plan` names another job plan now, and the pin was left as it was.",
        "Look at what was changed: `launcher diff` shows it where the pinned content was launched before. Then pin the new "
        "content with `launcher pin NAME` and let the pull request be reviewed, or have the job plan changed back on "
        "JOB and pin that: saving it counts as a change.",
        {
            "default": "If the job plan may run as it is now:\nlauncher pin -e {environment} {name}",
        },
    ),
    "L264": Entry(
        "Template has moved on",
        "Job plan {plan} of `{name}` is behind its template: the template was changed since the job plan was synced.",
        "A job plan is a copy of its template, and JOB runs the copy. The template was edited, and nobody has synced the job plan.",
        "If the launch is meant to run what the template says now, sync the job plan on JOB's own pages and look at a new "
        "diff. Otherwise nothing needs to be done.",
        {"default": "Sync the job plan on JOB's own pages, if the newer steps are meant."},
        Severity.WARNING,
    ),
    "L265": Entry(
        "Job plan not looked at",
        "{what} of `{environment}` could not be read, so {unknown}: {message}",
        "JOB did not answer, or the credentials may not see them. Nothing that is done depends on it.",
        "Run the command again, or check the permission to view job plans.",
        {},
        Severity.WARNING,
    ),
    "L266": Entry(
        "Pinned to other content than now",
        "`{name}` is pinned to {digest}, but JOB has {found} of job plan {plan} now. It will be refused until the two agree.",
        "`--digest` names content that the job plan does not have, or no longer has.",
        "Leave `--digest` out to pin the content of now.",
        {"default": "launcher pin -e {environment} {name}"},
        Severity.WARNING,
    ),
    "L267": Entry(
        "A pin asks for a new launch",
        "The pin is part of what is launched, and `{name}` has been launched without this one in {where}: it will be started once more there.",
        "The digest of a launch covers its pin, so that a review of it covers the content of the job plan too.",
        "Let it run again, or record that it need not: `launcher waive NAME --reason TEXT`, once the change is merged. A pin "
        "that is set before the first launch costs nothing.",
        {
            "default": "If it is not to run again, once this is merged:\nlauncher waive -e {environment} {name} --reason TEXT",
            "once": "Its trigger is `once`, so it is refused as EDITED until `revision` is raised, or, once this is merged:\n"
            "launcher waive -e {environment} {name} --reason TEXT",
        },
        Severity.WARNING,
    ),
    "L268": Entry(
        "Pin of the workspace",
        "The pin of `{name}` stands in {path}, under `spec.defaults`. `launcher pin` only rewrites manifests.",
        "The workspace's defaults name a pin, which holds for every manifest that names no job plan of its own.",
        "Take it out of the workspace's defaults by hand.",
        {"default": "Remove `pin` under `spec.defaults`."},
    ),
    "L298": Entry(
        "Pin left behind",
        "`{layer}` says anew which job plan `{name}` launches, and gives no pin, so the pin under `{below}` does not hold there: "
        "whatever content the job plan has on JOB may run.",
        "A pin speaks of the content of one job plan. An overlay, or a manifest above the workspace's defaults, that names another "
        "one leaves the pin behind, and so does one that names the same one by name instead of by id, or that looks a name up "
        "in another scope.",
        "Pin it as well: `launcher pin` writes a pin beside the job plan that it speaks of. If any content may run there, let the "
        "other pin stand only where it holds: under the environments that it is meant for instead of under `spec`, or in the "
        "manifests instead of in the workspace's defaults.",
        {
            "default": "launcher pin {name}",
            "environment": "launcher pin -e {environment} {name}",
        },
        Severity.WARNING,
    ),
}

MANIFESTS: Mapping[str, Entry] = {
    "L170": Entry(
        summary="Not a digest of a job plan",
        detail="`{text}` at {field} is not a digest of a job plan: `v1:sha256:` and 64 hexadecimal digits in lower-case letters.",
        cause="The digest was cut off, or it is another one: that of a review, a git commit, or a bare SHA-256.",
        cure="Let `launcher pin NAME` write it. `launcher diff -o json` tells it for each launch that would run, as `plan.digest`.",
        hints={
            "default": "Let launcher write it: launcher pin NAME",
            "offline": "This is the digest of a diff. Let launcher write the job plan's: launcher pin NAME",
        },
    ),
    "L171": Entry(
        summary="Cannot be rewritten",
        detail="`{field}` cannot be changed here without changing something else: {problem}. The file is left as it is.",
        cause="The file is written in a way in which one field cannot be replaced on its own, such as a comment inside a value that would go.",
        cure="Make the change by hand, or bring the file into the canonical layout first with `launcher fmt --fix`.",
        hints={"default": "Make the change by hand."},
    ),
    "L172": Entry(
        summary="Changed meanwhile",
        detail="The file was changed while it was about to be rewritten. It is left as it is.",
        cause="An editor or another command has saved it at the same moment.",
        cure="Run the command again.",
        hints={"default": "Run the command again."},
    ),
}
