"""Serve the sandbox on loopback, and describe it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from launcher import __version__
from launcher.sandbox.openapi import openapi
from launcher.sandbox.server import serve

if TYPE_CHECKING:
    from pathlib import Path

    from launcher.operations.surroundings import Surroundings
    from launcher.sandbox.server import SandboxServer

__all__ = ["sandbox_document", "serve_sandbox"]


def sandbox_document() -> str:
    """The sandbox's OpenAPI document, as indented JSON."""
    return json.dumps(openapi(__version__), indent=2) + "\n"


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
