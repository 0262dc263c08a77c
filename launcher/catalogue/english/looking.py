"""Texts about what a job has printed, host by host, and about looking at its instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LOOKING"]

LOOKING: Mapping[str, Entry] = {
    "L350": Entry(
        summary="Looked up in the lockfile",
        detail="The ledger of `{environment}` cannot be used here, so the instance was looked up in the lockfile, which may "
        "be older: {message}",
        cause="The ledger is kept elsewhere (another machine, a remote that is out of reach), or it is lost.",
        cure="To look at logs the lockfile is enough. For the newest attempt, pull the newest lockfile, or run this where the ledger is.",
        hints={},
        severity=Severity.WARNING,
    ),
    "L351": Entry(
        summary="Nothing to read",
        detail="There is no log of {name}: {why}.",
        cause="Logs belong to a job instance, and none is on record here.",
        cure="`launcher status` shows which launches have an instance; an earlier attempt is named with `--attempt`.",
        hints={"default": "launcher status {name} -e {environment}"},
    ),
    "L352": Entry(
        summary="JOB has forgotten the instance",
        detail="JOB does not know instance {instance} of {name} (any more), so its log cannot be read. What came of attempt "
        "{attempt} is on record all the same: {outcome}.",
        cause="JOB deletes instances after about 30 days. Or the scope of the launch is another one than that of the instance.",
        cure="Ask who runs JOB for an archive of its logs. The ledger keeps what came of the launch, not what it printed.",
        hints={"default": "launcher status {name} -e {environment}"},
    ),
    "L353": Entry(
        summary="Log not read",
        detail="What instance {instance} of {name} has printed could not be read: {message}",
        cause="The network, a proxy, the gateway or JOB itself failed; the user may not view the history of others; or a step ran "
        "on containers, whose logs JOB does not give to this call.",
        cure="Try again. Where a permission is missing, apply for `view_history`. A log of containers is on JOB's own pages.",
        hints={},
    ),
    "L354": Entry(
        summary="No such step",
        detail="Instance {instance} of {name} has no step `{step}`. It has: {known}.",
        cause="`--step` takes a step's name, its number from 1, or its id on JOB. Disabled steps are not part of an instance.",
        cure="Name one of those that are listed.",
        hints={"default": "launcher status {name} -e {environment}"},
    ),
    "L355": Entry(
        summary="No such host",
        detail="No step that was asked for runs on `{host}` in instance {instance} of {name}. Its hosts are: {known}.",
        cause="`--host` takes a host's address or its id on JOB, and only hosts of the latest execution of a step can be read.",
        cure="Name one of the hosts of the instance. File steps list the hosts that files come to, not those they come from.",
        hints={"default": "launcher status {name} -e {environment}"},
    ),
    "L356": Entry(
        summary="No such attempt",
        detail="{name} has no attempt {attempt} on record here. On record: {known}.",
        cause="Attempts are numbered from 1 for each launch. A lockfile knows the newest only.",
        cure="Name one that is on record, or leave `--attempt` out for the newest.",
        hints={},
    ),
    "L357": Entry(
        summary="A log is too long",
        detail="The log of {host} in step `{step}` of {name} is longer than the 16 MiB that launcher reads in one answer, and JOB "
        "gives no part of a log. The other logs were read.",
        cause="The script prints very much.",
        cure="Read it on JOB's own pages, or let the script write to a file of its own.",
        hints={},
        severity=Severity.WARNING,
    ),
    "L358": Entry(
        summary="Too much for one answer",
        detail="The logs are longer than the {limit} MiB that one JSON document may hold, so none is given.",
        cause="`-o json` keeps everything until the end. `-o jsonl` and text are written as they come, and have no such limit.",
        cure="Ask for less with `--host`, `--step` or `--failed`, or use `-o jsonl`.",
        hints={"default": "launcher logs {name} -e {environment} --failed -o json"},
    ),
    "L359": Entry(
        summary="JOB was not asked",
        detail="What is shown of {name} is what is on record; JOB could not tell more: {message}",
        cause="The address or the credentials are not set, JOB was not reached, it has forgotten the instance (after about 30 "
        "days), or a permission is missing.",
        cure="The record is right without it. `launcher doctor` tells what stands in the way.",
        hints={"default": "launcher doctor -e {environment}"},
        severity=Severity.WARNING,
    ),
}
