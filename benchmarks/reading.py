"""How fast manifests are read, against PyYAML and ruamel.yaml, in one run on one machine.

Every reader turns the same bytes into plain data. Ours goes through libyaml's nodes, each of which
has its positions, keeps the line of the name and drops the rest; its checks of characters and
budgets are part of the time. "With all positions" is what a file costs that has an error. The rounds
take turns, so that a busy machine slows all alike; medians are compared. Run it with
`python benchmarks/reading.py`; it ends with 1 if a target is missed.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from ruamel.yaml import YAML

from launcher.manifest.compose import compose
from launcher.manifest.load import load_bytes
from launcher.manifest.quick import read_quickly

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLE = Path(__file__).parent.parent / "tests/cases/good/manifests/everything.yaml"
ROUNDS = 25
MOST_OF_PYYAML = 0.6
TIMES_RUAMEL = 30

Reader = tuple["Callable[[bytes], object]", int]
"""A reader, and how many files it reads in a round."""


def main() -> int:
    """Measure, print, and say by the exit code whether the targets are met."""
    content = SAMPLE.read_bytes()
    readers: dict[str, Reader] = {
        "launcher: read": (read_quickly, 100),
        "launcher: read and check": (lambda data: load_bytes("web.yaml", data), 100),
        "launcher: with all positions": (lambda data: compose("web.yaml", data), 30),
        "PyYAML CSafeLoader": (lambda data: yaml.load(data, yaml.CSafeLoader), 30),
        "ruamel.yaml round trip": (lambda data: YAML().load(BytesIO(data)), 3),
    }
    medians = _medians(readers, content)
    lines = content.count(b"\n")
    print(f"{SAMPLE.name}: {lines} lines, {len(content)} bytes, {ROUNDS} rounds")
    for name, taken in medians.items():
        print(f"  {name:30} {taken:9.1f} µs a file")
    ours = medians["launcher: read"]
    of_pyyaml = ours / medians["PyYAML CSafeLoader"]
    times_ruamel = medians["ruamel.yaml round trip"] / ours
    print(f"  {of_pyyaml:.2f} of PyYAML's CSafeLoader (at most {MOST_OF_PYYAML})")
    print(f"  {times_ruamel:.0f} times as fast as ruamel.yaml (at least {TIMES_RUAMEL})")
    return int(of_pyyaml > MOST_OF_PYYAML or times_ruamel < TIMES_RUAMEL)


def _medians(readers: dict[str, Reader], content: bytes) -> dict[str, float]:
    """Microseconds a file, by reader."""
    taken: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(ROUNDS):
        for name, (read, times) in readers.items():
            gc.collect()
            begin = time.perf_counter()
            for _ in range(times):
                read(content)
            taken[name].append((time.perf_counter() - begin) / times * 1e6)
    return {name: statistics.median(values) for name, values in taken.items()}


if __name__ == "__main__":
    sys.exit(main())
