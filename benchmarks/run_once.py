"""One measured run in a process of its own; started by `applying.py`, prints its figures as JSON.

`bare` makes the calls of a launch in a loop, with launcher's own client and as many threads; `apply`
and `diff` are the real command lines. `record` writes a ledger in which every launch has succeeded.
Modules are imported before the clock starts: all runs need about the same ones.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import launcher.job.server
import launcher.ledger.lockfile_model
import launcher.operations.apply
import launcher.operations.diff
import launcher.render.changeset
import launcher.render.report  # noqa: F401 - what the command lines import while they run
from launcher.cli.main import main as launcher_main
from launcher.cli.surroundings import StopRequest, real_surroundings
from launcher.engine.effects import Appended, Done, PrepareRequest, StartRequest
from launcher.engine.events import NO_HEAD, Draft, Kind
from launcher.engine.observed import InstanceRef
from launcher.job.server import connect
from launcher.operations.opening import desired_in
from launcher.operations.record import open_ledger
from launcher.operations.site import find_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import FileDescriptorLike

    from launcher.engine.desired import Launch
    from launcher.operations.site import Site

_PLAN = 1000
_GROUP = 500


def main(mode: str, parallelism: int) -> None:
    """Run `mode` in the workspace that is the current folder."""
    measured: dict[str, Any] = {}
    match mode:
        case "bare":
            bare(parallelism, measured)
        case "apply":
            command = ["apply", "--yes", "--no-wait", "--parallelism", str(parallelism)]
            with _watched(measured):
                _run(command, measured)
        case "diff":
            with _watched(measured):
                _run(["diff"], measured)
        case "record":
            record()
            _run(["lock", "sync"], {})
        case _:
            raise ValueError(mode)
    measured["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(measured))


def bare(parallelism: int, measured: dict[str, Any]) -> None:
    """Prepare, read back and start each launch, one after the other in each thread."""
    site = _site()
    launches = list(desired_in(site.workspace, site.environment)[0].launches.values())
    address, credentials = site.settings.server(site.environment.server)
    server = connect(address, credentials, parallelism=parallelism)

    def launch(item: Launch) -> bool:
        marker = ("LAUNCH_KEY", f"{'0' * 32}/target/{item.name}/{os.urandom(16).hex()}")
        created = server.prepare(PrepareRequest(item.spec, _PLAN, marker), {})
        if not isinstance(created, Done):
            raise RuntimeError(str(created))  # noqa: TRY004 - an answer of the server, not a mistake of ours
        instance = InstanceRef(item.spec.scope, created.value.id)
        copy = server.read_back(instance)
        deadline_s = time.monotonic() + 5
        return isinstance(copy, Done) and isinstance(
            server.start(StartRequest(instance), deadline_s), Done
        )

    with _timed(measured), ThreadPoolExecutor(parallelism) as pool:
        done = list(pool.map(launch, launches))
    server.close()
    if not all(done):
        raise RuntimeError("a call of the bare loop failed")


def record() -> None:
    """A ledger that tells how each launch of the workspace was started and succeeded."""
    site = _site()
    desired = desired_in(site.workspace, site.environment)[0]
    ledger = open_ledger(site)
    drafts = [Draft(Kind.CREATED, data={"lineage": os.urandom(16).hex()})]
    for number, launch in enumerate(desired.launches.values()):
        drafts.extend(_history(launch, 20000000001 + number))
    head = NO_HEAD
    for first in range(0, len(drafts), _GROUP):
        answer = ledger.append(tuple(drafts[first : first + _GROUP]), head)
        if not isinstance(answer, Appended):
            raise TypeError(answer)
        head = answer.events[-1].head


def _history(launch: Launch, instance: int) -> Iterator[Draft]:
    nonce = os.urandom(16).hex()
    pin = {
        "id": _PLAN,
        "name": "check",
        "digest": "v1:sha256:" + "0" * 64,
        "lastModified": "2026-11-01T00:00:00Z",
    }
    intended = {
        "nonce": nonce,
        "phase": "two",
        "spec": launch.spec.to_data(),
        "policy": launch.policy.to_data(),
        "plan": pin,
        "manifest": launch.path,
        "change": None,
    }
    prepared = {"nonce": nonce, "instance": {"id": instance, "name": "check"}}
    yield Draft(Kind.INTENDED, launch.name, launch.key, 1, intended)
    yield Draft(Kind.PREPARED, launch.name, launch.key, 1, prepared)
    yield Draft(Kind.STARTING, launch.name, launch.key, 1)
    yield Draft(Kind.SETTLED, launch.name, launch.key, 1, {"outcome": "succeeded", "status": 3})


def _run(command: list[str], measured: dict[str, Any]) -> None:
    said = io.StringIO()
    sys.argv = ["launcher", *command]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), _timed(measured):
        try:
            launcher_main()
        except SystemExit as ended:
            measured["code"] = ended.code
    if measured["code"] != 0:
        raise RuntimeError(said.getvalue()[-2000:])


@contextlib.contextmanager
def _timed(measured: dict[str, Any]) -> Iterator[None]:
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    yield
    measured["wall"] = time.perf_counter() - wall
    measured["processor"] = time.process_time() - processor


@contextlib.contextmanager
def _watched(measured: dict[str, Any]) -> Iterator[None]:
    """Count flushes, pushes, and how often a journal is opened."""
    counts = {"flushes": 0, "pushes": 0, "journals": 0}
    flush = os.fsync

    def counted(fd: FileDescriptorLike) -> None:
        counts["flushes"] += 1
        flush(fd)

    def heard(event: str, facts: tuple[Any, ...]) -> None:
        if event == "open" and str(facts[0]).endswith(".jsonl"):
            counts["journals"] += 1
        elif event == "subprocess.Popen" and "push" in facts[1]:
            counts["pushes"] += 1

    sys.addaudithook(heard)
    os.fsync = counted
    try:
        yield
    finally:
        os.fsync = flush
        measured |= counts


def _site() -> Site:
    return find_site(Path.cwd(), None, real_surroundings(os.environ, StopRequest()))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
