"""Ledgers and drafts for tests, with everything defaulted."""

from __future__ import annotations

import os
import secrets
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from launcher.engine.events import NO_HEAD, Draft, Event, Head, Kind
from launcher.engine.fold import fold
from launcher.engine.recorded import Recorded
from launcher.engine.spec import LaunchKey
from launcher.ledger.codec import encode_group
from launcher.ledger.file import FileLedger
from launcher.ledger.git import GitLedger
from launcher.ledger.git_remote import find_remote
from launcher.ledger.port import Author

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from launcher.ledger.disk import Disk

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LINEAGE = "0123456789abcdef0123456789abcdef"
SERVER = "sha256:" + "5e" * 32
SPEC: dict[str, Any] = {
    "scope": {"type": "biz", "id": "2"},
    "plan": {"id": 1000},
    "variables": {"package_version": {"value": "1.4.2"}},
}
PIN: dict[str, Any] = {
    "id": 1000,
    "name": "Deploy web",
    "digest": "v1:sha256:" + "ab" * 32,
    "lastModified": "2026-11-01T00:00:00Z",
}


@dataclass(slots=True)
class Ticking:
    """A clock that moves on by one second whenever it is asked."""

    now: datetime = field(default=NOON)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def an_author(
    actor: str = "ana",
    *,
    ci: dict[str, str] | None = None,
    commit: str | None = "c0ffee",
    host: str = "build-1",
    pid: int = 4242,
) -> Author:
    return Author(actor, ci, commit, "0.1.0", host, pid)


def a_file_ledger(
    folder: Path,
    environment: str = "production",
    *,
    author: Author | None = None,
    inside: Path | None = None,
    patience_s: float = 10.0,
    disk: Disk | None = None,
) -> FileLedger:
    return FileLedger(
        folder,
        environment,
        author or an_author(),
        Ticking(),
        secrets.token_hex,
        inside=inside,
        patience_s=patience_s,
        disk=disk,
    )


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    """What git answers in `folder`, where its configuration is nobody's."""
    environ = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "ana"),
        **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "ana@example.org"),
    }
    command = ("git", "-C", str(folder), *arguments)
    done = subprocess.run(command, input=stdin, check=True, capture_output=True, env=environ)  # noqa: S603 - the test's own words
    return done.stdout.decode().strip()


def a_bare_repository(folder: Path) -> Path:
    """An empty repository that can be pushed to."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--bare", ".")
    return folder


BRANCH = "launcher-ledger/payments/production"


def a_git_ledger(
    remote: Path,
    environment: str = "production",
    *,
    author: Author | None = None,
    entropy: Callable[[int], str] = secrets.token_hex,
    clock: Callable[[], datetime] | None = None,
    environ: Mapping[str, str] | None = None,
    limit_s: float = 60,
) -> GitLedger:
    """A ledger on a branch of the bare repository `remote`, with no clone beside it."""
    found = find_remote(
        remote.parent,
        {**os.environ, **(environ or {})},
        is_repository=False,
        wanted=str(remote),
    )
    return GitLedger(
        found,
        environment,
        author or an_author(),
        clock or Ticking(),
        entropy,
        workspace="payments",
        limit_s=limit_s,
    )


def a_key(content: str = "a", revision: int = 1) -> LaunchKey:
    return LaunchKey(revision, "v1:sha256:" + content * 64)


def created(lineage: str = LINEAGE, **data: Any) -> Draft:
    return Draft(Kind.CREATED, data={"lineage": lineage, **data})


def bound(server: str = SERVER) -> Draft:
    return Draft(Kind.BOUND, data={"server": server})


def opened(session: str = "s1", host: str = "build-1", pid: int = 4242) -> Draft:
    return Draft(Kind.OPENED, data={"session": session, "host": host, "pid": pid})


def closed(session: str = "s1") -> Draft:
    return Draft(Kind.CLOSED, data={"session": session})


def intended(
    name: str = "web-deploy",
    *,
    key: LaunchKey | None = None,
    attempt: int = 1,
    nonce: str = "n1",
    phase: str = "two",
    spec: dict[str, Any] | None = None,
    **data: Any,
) -> Draft:
    payload = {
        "nonce": nonce,
        "phase": phase,
        "spec": spec or SPEC,
        "policy": {"needs": []},
        "plan": PIN,
        "manifest": f"plans/{name}.yaml",
        "change": "v1:sha256:" + "c" * 64,
        **data,
    }
    return Draft(Kind.INTENDED, name, key or a_key(), attempt, payload)


def about(
    kind: Kind,
    name: str = "web-deploy",
    *,
    key: LaunchKey | None = None,
    attempt: int | None = 1,
    **data: Any,
) -> Draft:
    return Draft(kind, name, key or a_key(), attempt, data)


def prepared(
    name: str = "web-deploy", *, instance: int = 20000000001, attempt: int = 1, nonce: str = "n1"
) -> Draft:
    found = {"id": instance, "name": "Deploy web"}
    return about(Kind.PREPARED, name, attempt=attempt, nonce=nonce, instance=found)


def a_whole_launch(
    name: str = "web-deploy", *, attempt: int = 1, instance: int = 20000000001
) -> tuple[Draft, ...]:
    return (
        intended(name, attempt=attempt),
        prepared(name, attempt=attempt, instance=instance),
        about(Kind.VERIFIED, name, attempt=attempt, compared=["steps"], not_compared=["ciphers"]),
        about(Kind.STARTING, name, attempt=attempt),
        about(Kind.OBSERVED, name, attempt=attempt, start="accepted"),
        about(
            Kind.SETTLED,
            name,
            attempt=attempt,
            outcome="succeeded",
            status=3,
            finished="2026-11-22T12:30:00+00:00",
        ),
    )


def adopted(
    name: str = "web-deploy",
    *,
    key: LaunchKey | None = None,
    attempt: int = 2,
    instance: int = 20000000007,
    outcome: str = "adopted",
    status: int = 3,
    **data: Any,
) -> Draft:
    payload = {
        "spec": SPEC,
        "policy": {"needs": []},
        "plan": PIN,
        "manifest": f"plans/{name}.yaml",
        "instance": {"id": instance, "name": "Deploy web"},
        "outcome": outcome,
        "status": status,
        "reason": "bo started it",
        **data,
    }
    return Draft(Kind.ADOPTED, name, key or a_key(), attempt, payload)


def waived(name: str = "web-deploy", *, key: LaunchKey | None = None, attempt: int = 2) -> Draft:
    payload = {
        "spec": SPEC,
        "policy": {"needs": []},
        "manifest": f"plans/{name}.yaml",
        "reason": "done by hand",
    }
    return Draft(Kind.WAIVED, name, key or a_key(), attempt, payload)


def renamed(name: str, old: str) -> Draft:
    return Draft(Kind.RENAMED, name, data={"from": old})


def approved(changeset: str = "D", **changes: str) -> Draft:
    data = {"digest": changeset, "changes": changes, "source": "--digest"}
    return Draft(Kind.APPROVED, data=data)


def operating(operation: str = "terminate", status: int = 2, **data: Any) -> Draft:
    return about(Kind.OPERATING, operation=operation, status=status, **data)


def events_of(*drafts: Draft, after: Head = NO_HEAD, author: Author | None = None) -> list[Event]:
    """`drafts` as the events that follow on `after`, each in a group of its own, a second apart."""
    clock = Ticking()
    events: list[Event] = []
    for number, draft in enumerate(drafts):
        _, found = encode_group(
            (draft,), after, clock(), author or an_author(), partial(_given, f"{number:016x}")
        )
        events.extend(found)
        after = found[-1].head
    return events


def _given(text: str, _: int) -> str:
    return text


def recorded_of(*drafts: Draft) -> Recorded:
    """The present of a ledger that holds `drafts`."""
    return fold(Recorded(), events_of(*drafts))
