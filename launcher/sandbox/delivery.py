"""What scripted faults make of an answer on its way to the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.sandbox.envelope import platform_error
from launcher.sandbox.faults import AnswerLost, Delay, LateInsert, RateLimited, Reset, ServerError
from launcher.sandbox.wire import Delivery, Response

if TYPE_CHECKING:
    from launcher.sandbox.faults import Fault

__all__ = ["after_effect", "before_effect"]

_CLOSED = Delivery(cut_after=0)
_NO_ANSWER = Response(0)


def before_effect(faults: tuple[Fault, ...], path: str) -> tuple[Response, Delivery] | None:
    """The answer of the first fault that keeps the call from taking effect; `None` if none does."""
    for fault in faults:
        match fault:
            case RateLimited():
                after = ("Retry-After", str(fault.retry_after_s))
                return platform_error(429, path, after), _delay(faults)
            case ServerError(effect="before"):
                return platform_error(fault.status, path), _delay(faults)
            case AnswerLost(effect="before"):
                return _NO_ANSWER, _CLOSED
            case _:
                continue
    return None


def after_effect(
    faults: tuple[Fault, ...],
    response: Response,
    path: str,
) -> tuple[Response, Delivery]:
    """The answer as the caller gets it, and how; the call has taken effect."""
    delivery = _delay(faults)
    for fault in faults:
        match fault:
            case AnswerLost() | LateInsert(answer="closed"):
                return response, Delivery(delay_s=delivery.delay_s, cut_after=0)
            case LateInsert(answer="504"):
                return platform_error(504, path), delivery
            case ServerError():
                return platform_error(fault.status, path), delivery
            case Reset():
                return response, Delivery(delivery.delay_s, fault.after_bytes, reset=True)
            case _:
                continue
    return response, delivery


def _delay(faults: tuple[Fault, ...]) -> Delivery:
    return Delivery(delay_s=sum(fault.seconds for fault in faults if isinstance(fault, Delay)))
