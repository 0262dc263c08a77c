"""How a launch goes about its job: waiting for it, and trying again."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from launcher.model.base import Attempts, ManifestModel
from launcher.model.shapes import Duration

__all__ = ["Retry", "Wait"]


class Wait(ManifestModel):
    """How long a run waits for a job to end."""

    timeout: Annotated[
        Duration,
        Field(
            title="Timeout",
            description="How long, from the start of the job on: a number with `s`, `m` or `h`, from `1s` to `24h`. The job's own timeout is set in its job plan.",
        ),
    ] = "30m"
    on_timeout: Annotated[
        Literal["detach", "terminate"],
        Field(
            title="On timeout",
            description="What follows then. `detach`: the job goes on, and a later run sees how it ends. `terminate`: it is ended.",
        ),
    ] = "detach"


class Retry(ManifestModel):
    """Attempts without being asked again."""

    max_attempts: Annotated[
        Attempts,
        Field(
            title="Most attempts",
            description="How many attempts there are at most, the first included; 1 is no retry.",
            examples=[3],
        ),
    ] = 1
    backoff: Annotated[
        Duration,
        Field(
            title="Backoff",
            description="The pause between the end of one attempt and the next: a number with `s`, `m` or `h`, from `1s` to `24h`.",
        ),
    ] = "30s"
