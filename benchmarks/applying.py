"""How much launcher adds to the HTTP calls that it makes, in one run on one machine.

1 000 independent launches are prepared, read back and started on a server that answers each request
after 50 ms. The same calls by a bare loop, with the same client and as many threads, are the
measure. The two take turns, each in a process of its own, and each run is compared with the mean of those before and
after it, because a machine's speed drifts; told is the median of the comparisons. The same with a ledger on a branch of a bare
repository on this disk. Then 10 000 launches that are in sync are diffed. Run it with `python
benchmarks/applying.py`; it ends with 1 if a target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
PAUSE_S = 0.05
WALL = {("file", 32): 1.12, ("file", 64): 1.25, ("git", 32): 1.3}
PROCESSOR_MS = 0.8
MEMORY_MB = 200
FLUSHES = 0.7
PHASES = 4
"""Intended, prepared, starting, and the answers."""

_WORKSPACE = """\
apiVersion: launcher/v1
kind: Workspace
metadata: {{name: bench}}
spec:
  defaultEnvironment: target
  marker: LAUNCH_KEY
  environments:
    target: {{server: remote, scope: {{type: biz, id: "2"}}, ledger: {ledger}}}
"""
_MANIFEST = """\
apiVersion: launcher/v1
kind: PlanLaunch
metadata: {{name: {name}}}
spec:
  plan: {{id: 1000}}
  variables: {{package_version: "1.4.{number}"}}
"""


def main() -> int:
    """Measure, print, and say by the exit code whether the targets are met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--launches", type=int, default=1000)
    parser.add_argument("--in-sync", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--parallelism", type=int, nargs="*", default=[32, 64])
    parser.add_argument("--ledger", choices=["file", "git"], nargs="*", default=["file", "git"])
    asked = parser.parse_args()
    missed = 0
    for ledger in asked.ledger:
        for parallelism in asked.parallelism[: None if ledger == "file" else 1]:
            missed += _applying(asked.launches, parallelism, asked.rounds, ledger)
    if asked.in_sync:
        missed += _in_sync(asked.in_sync)
    return int(missed > 0)


def _applying(launches: int, parallelism: int, rounds: int, ledger: str) -> int:
    print(
        f"{launches} launches, {PAUSE_S * 1000:.0f} ms an answer, parallelism {parallelism}, {ledger} ledger"
    )
    bare, ours = [_measured("bare", launches, parallelism, ledger)], []
    for _ in range(rounds):
        ours.append(_measured("apply", launches, parallelism, ledger))
        bare.append(_measured("bare", launches, parallelism, ledger))
    ratio = statistics.median(run["wall"] / beside for run, beside in _beside(ours, bare, "wall"))
    more_s = statistics.median(
        run["processor"] - beside for run, beside in _beside(ours, bare, "processor")
    )
    more_ms = more_s / launches * 1000
    last = ours[-1]
    print(
        f"  bare loop {_median(bare, 'wall'):.2f} s, processor {_median(bare, 'processor'):.2f} s, "
        f"{bare[-1]['calls']} calls"
    )
    print(
        f"  apply     {_median(ours, 'wall'):.2f} s, processor {_median(ours, 'processor'):.2f} s, "
        f"{last['calls']} calls, {last['records']} records, {last['flushes']} flushes, "
        f"{last['pushes']} pushes"
    )
    missed = 0
    missed += _is_missed("wall, of the bare loop", ratio, WALL.get((ledger, parallelism)))
    missed += _is_missed("peak memory in MB", max(item["memory"] for item in ours), MEMORY_MB)
    if ledger == "git":
        # Beside the phases of the batches: the ledger's first event, and the session's two.
        phases = last["pushes"] - 3
        return missed + _is_missed("pushes a batch and phase", phases / last["batches"] / PHASES, 1)
    missed += _is_missed("processor ms a launch beyond it", more_ms, PROCESSOR_MS)
    return missed + _is_missed(
        "flushes a ledger record", last["flushes"] / last["records"], FLUSHES
    )


def _in_sync(launches: int) -> int:
    print(f"diff of {launches} launches in sync")
    with tempfile.TemporaryDirectory() as folder, _server() as port:
        root = _workspace(Path(folder), launches, "file")
        _child("record", root, port, 1)
        found = _child("diff", root, port, 1)
        calls = sum(_asked(port).values())
    print(
        f"  {found['wall']:.2f} s, processor {found['processor']:.2f} s, {found['memory']:.0f} MB"
    )
    return _is_missed("HTTP calls", calls, 0) + _is_missed(
        "readings of the ledger", found["journals"], 1
    )


def _is_missed(what: str, value: float, most: float | None) -> bool:
    said = "" if most is None else f" (at most {most:g})"
    print(f"  {value:8.2f} {what}{said}")
    return most is not None and value > most


def _beside(
    ours: list[dict[str, Any]], bare: list[dict[str, Any]], figure: str
) -> Iterator[tuple[dict[str, Any], float]]:
    """Each of `ours` with the mean `figure` of the bare runs before and after it."""
    for run, (before, after) in zip(ours, pairwise(bare), strict=True):
        yield run, (before[figure] + after[figure]) / 2


def _median(runs: list[dict[str, Any]], figure: str) -> float:
    return statistics.median(float(run[figure]) for run in runs)


def _measured(mode: str, launches: int, parallelism: int, ledger: str) -> dict[str, Any]:
    """The figures of one run against a server of its own."""
    with tempfile.TemporaryDirectory() as folder, _server() as port:
        root = _workspace(Path(folder) / "site", launches, ledger)
        remote = Path(folder) / "remote"
        _git("init", "--quiet", "--bare", str(remote))
        found = _child(mode, root, port, parallelism, LAUNCHER_GIT_REMOTE=str(remote))
        found["calls"] = sum(_asked(port).values())
        if mode == "apply":
            lines = _journal(root, remote, ledger).splitlines()
            found["records"] = len(lines)
            firsts = (json.loads(line) for line in lines if b'"part":[1,' in line)
            found["batches"] = sum(item["kind"] == "intended" for item in firsts)
        return found


def _journal(root: Path, remote: Path, ledger: str) -> bytes:
    if ledger == "file":
        return (root / ".launcher/ledger/target.jsonl").read_bytes()
    branch = "launcher-ledger/bench/target"
    names = (
        _git(f"--git-dir={remote}", "ls-tree", "--name-only", f"{branch}:events").decode().split()
    )
    return b"".join(
        _git(f"--git-dir={remote}", "show", f"{branch}:events/{name}") for name in names
    )


def _git(*arguments: str) -> bytes:
    command = ("git", *arguments)
    return subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - our own words


def _workspace(root: Path, launches: int, ledger: str) -> Path:
    root.mkdir(exist_ok=True)
    (root / "launcher.yaml").write_text(_WORKSPACE.format(ledger=ledger))
    plans = root / "plans"
    plans.mkdir()
    for number in range(launches):
        name = f"launch-{number:05}"
        (plans / f"{name}.yaml").write_text(_MANIFEST.format(name=name, number=number))
    return root


@contextmanager
def _server() -> Iterator[int]:
    """The port of a server that answers late."""
    command = [sys.executable, str(HERE / "answering.py"), str(PAUSE_S)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own file
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the server has no standard streams")
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait()


def _asked(port: int) -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_asked") as answer:
        found: dict[str, int] = json.loads(answer.read())
    return found


def _child(mode: str, root: Path, port: int, parallelism: int, **more: str) -> dict[str, Any]:
    environ = {
        **more,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "HOME": str(root),
        "LAUNCHER_URL": f"http://127.0.0.1:{port}/api/bk-job/prod",
        "LAUNCHER_ALLOW_HTTP": "1",
        "BK_APP_CODE": "launcher",
        "BK_APP_SECRET": "app-secret",
        "BK_USERNAME": "admin",
    }
    command = [sys.executable, str(HERE / "run_once.py"), mode, str(parallelism)]
    done = subprocess.run(  # noqa: S603 - our own file
        command, cwd=root, env=environ, check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise RuntimeError(done.stdout + done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.exit(main())
