"""Serve the sandbox on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.sandbox.server import serve

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.operations.surroundings import Surroundings
    from launcher.sandbox.server import SandboxServer

__all__ = ["serve_sandbox"]


def serve_sandbox(
    *,
    world: Path | None,
    faults: Path | None,
    port: int,
    speed: float,
    state: Path | None,
    surroundings: Surroundings,
) -> SandboxServer:
    """A JOB server that answers on loopback until it is stopped; a context manager.

    Args:
        world: what it holds; `None` for the demo world.
        faults: scripted faults, armed when its state is new.
        port: 0 for any free one.
        speed: 2 makes everything take half as long.
        state: where its state is kept; `None` forgets it at the end.
        surroundings: for the time.

    Raises:
        SurroundingsFailed: a file or the port cannot be used.
    """
    return serve(world, faults, port, speed, state, clock=surroundings.now)
