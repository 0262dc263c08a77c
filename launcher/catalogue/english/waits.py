"""Texts about what takes long, and about scalars that two readers read differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENTRIES"]

ENTRIES: Mapping[str, Entry] = {
    "L620": Entry(
        "The server asks for a pause",
        "{host} turned a request away and asks to be left alone. It is asked again in {duration}.",
        "The platform limits how often an app may call, or is overloaded: it answered 429 or 503 with `Retry-After`. "
        "Nothing has happened on JOB.",
        "Nothing needs to be done; Ctrl-C ends the wait. If it happens often, use fewer requests at once "
        "(`--parallelism`), or ask for a higher limit.",
        {},
        Severity.WARNING,
    ),
    "L622": Entry(
        "No answer yet",
        "{host} has not answered for {duration}, and is still waited for.",
        "JOB, its gateway, the git remote or the network is slow, or hangs. One answer of JOB is waited for two minutes at most, one of git a minute, and five for missing history.",
        "Nothing needs to be done unless it stays so; Ctrl-C ends the wait. `launcher doctor` tells what can be reached.",
        {},
        Severity.WARNING,
    ),
    "L623": Entry(
        "Waiting for another session",
        "{actor} is applying to `{environment}` from {host} (process {pid}). Its end is waited for, up to {duration}.",
        "Another `apply` of the same environment is running, and `--lock-timeout` says to wait for it.",
        "Nothing needs to be done; Ctrl-C ends the wait. A session that hangs is ended with `launcher unlock --reason TEXT`.",
        {},
        Severity.WARNING,
    ),
    "L621": Entry(
        "A number that is read in two ways",
        "`{text}` is {number} in YAML 1.2, by which manifests are read, and {other} in YAML 1.1, by which many other tools and "
        "people read.",
        "YAML 1.1 takes a number that begins with 0 for an octal one, and knows neither `0o17` nor `1e3`.",
        "Write the number that is meant in plain digits.",
        {"default": "Write {number}, if that is meant."},
    ),
}
