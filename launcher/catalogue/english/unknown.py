"""Texts about what an unknown outcome may have run as: L590 to L599."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["UNKNOWN"]

UNKNOWN: Mapping[str, Entry] = {
    "L590": Entry(
        "JOB has forgotten the instance on record",
        "Instance {instance} is on record for attempt {attempt} of {name}, and JOB does not know it any more.",
        "JOB deletes its history after some weeks, or it is another server.",
        "Look for what it did elsewhere: its logs, the hosts.",
        {},
        Severity.WARNING,
    ),
    "L591": Entry(
        "No time to look at",
        "The record does not say when attempt {attempt} of {name} was asked for, or for which job plan, so no instance can be "
        "looked for.",
        "The record of it was restored from a lockfile.",
        "Look for it on JOB's own pages.",
        {},
        Severity.WARNING,
    ),
    "L592": Entry(
        "Instances not listed",
        "The instances that attempt {attempt} of {name} may have run as could not be listed: {message}",
        "The network, a proxy, the gateway or JOB itself failed, or a permission is missing.",
        "Try again, or look on JOB's own pages.",
        {"default": "launcher resolve {name} -e {environment}"},
    ),
    "L593": Entry(
        "JOB does not know this instance",
        "JOB does not know instance {instance}, so it cannot say how it ended, nor whether it was {name}'s. Nothing was "
        "recorded.",
        "The id is mistyped, or JOB has deleted its history, which it does after some weeks.",
        "Check the id. If it did run as this instance, it can be recorded as failed: that it ran is your word, that it "
        "succeeded nobody can show. What counts as done all the same is waived afterwards.",
        {
            "default": "launcher resolve {name} -e {environment} --ran {instance} --forgotten --reason TEXT"
        },
    ),
    "L594": Entry(
        "This instance is not stuck",
        "Instance {instance} is not what {name} runs as, or it has moved within the last minutes. Nothing was recorded.",
        "Only an instance that JOB calls running and that has not moved for ten minutes or more, by our own looks at it, "
        "can be given up.",
        "Look at it again later: `launcher watch` records each look.",
        {"default": "launcher watch {name} -e {environment}"},
    ),
}
