"""A START on its way into the queue.

START is only a message: the state stays 1 until the engine consumes it. Source: bk-job,
`TaskExecuteServiceImpl.startJob`, `TaskExecuteMQEventDispatcher`, `JobListener.startJob`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from launcher.sandbox.faults import DuplicateStart, LateStart, LostStart, StuckStart
from launcher.sandbox.state import Message, MessageKind

if TYPE_CHECKING:
    from launcher.sandbox.call import Call
    from launcher.sandbox.state import Instance

__all__ = ["queue_start"]


def queue_start(call: Call, instance: Instance) -> Instance:
    """`instance` with the START that this call sends, as the scripted faults have it."""
    accepted = replace(instance, starts_accepted=instance.starts_accepted + 1)
    if call.fault(LostStart):
        return accepted
    server = call.places.definition.server
    late = call.fault(LateStart)
    twice = call.fault(DuplicateStart)
    lag_s = server.start_lag_s + (late.seconds if late else 0)
    behind_ms = max(0, instance.visible_ms - call.now_ms)
    message = Message(
        due_ms=call.after_s(lag_s) + behind_ms,
        kind=MessageKind.START,
        together=server.start_together or bool(twice and twice.together),
        breaks=call.fault(StuckStart) is not None,
    )
    copies = 2 if twice else 1
    return replace(accepted, queue=accepted.queue + (message,) * copies)
