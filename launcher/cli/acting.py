"""Operate on a launch's instance as a command does: tell that JOB was asked, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.cli.failure import show_diagnostics
from launcher.cli.surroundings import StopRequest, surroundings_of
from launcher.errors import ExitCode
from launcher.render import json_text
from launcher.render.act import act_data, render_act, render_asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.cli.face import Face
    from launcher.operations.operating import Acted
    from launcher.operations.progress import EffectDone
    from launcher.operations.surroundings import Surroundings

__all__ = ["carry_out_act"]

_STOPPING = "Stopping; what was asked for stays on record.\n"


def carry_out_act(
    face: Face,
    operation: Callable[[Surroundings, Callable[[EffectDone], None]], Acted],
    *,
    as_json: bool,
) -> ExitCode:
    """What `operation` comes to; raises as it does."""

    def tell(done: EffectDone) -> None:
        if not done.refused:
            face.aside.write(render_asked(", ".join(done.names), lost=bool(done.unknown)))

    stop = StopRequest(_STOPPING)
    with stop.watched():
        done = operation(surroundings_of(face, stop), tell)
    if as_json:
        data = act_data(
            done.environment,
            done.name,
            done.kind,
            done.attempt,
            step=done.step,
            sent=done.sent,
            lockfile=done.lockfile,
            found=done.diagnostics,
        )
        face.answer.write(json_text.document(data))
    else:
        text = render_act(
            done.name,
            done.kind,
            done.attempt,
            step=done.step,
            sent=done.sent,
            known=done.exit_code is ExitCode.DONE,
            lockfile=done.lockfile,
            paint=face.paint(face.answer),
        )
        face.answer.write(text)
    show_diagnostics(done.diagnostics, face, done.root, below=not as_json)
    return done.exit_code
