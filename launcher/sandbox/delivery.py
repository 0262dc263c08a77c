"""What scripted faults make of an answer on its way to the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.sandbox.envelope import platform_error
from launcher.sandbox.faults import AnswerLost, Delay, LateInsert, RateLimited, Reset, ServerError
from launcher.sandbox.gateway_errors import gateway_error, rate_limited
from launcher.sandbox.wire import Delivery, Response

if TYPE_CHECKING:
    from launcher.sandbox.faults import Fault

__all__ = ["after_effect", "before_effect"]

_CLOSED = Delivery(cut_after=0)
_NO_ANSWER = Response(0)


def before_effect(
    faults: tuple[Fault, ...], path: str, *, through_esb: bool
) -> tuple[Response, Delivery] | None:
    """The answer of the first fault that keeps the call from taking effect; `None` if none does."""
    for fault in faults:
        match fault:
            case RateLimited():
                return _too_many(fault, path, through_esb=through_esb), _delay(faults)
            case ServerError(effect="before"):
                return _broken(fault.status, path, through_esb=through_esb), _delay(faults)
            case AnswerLost(effect="before"):
                return _NO_ANSWER, _CLOSED
            case _:
                continue
    return None


def after_effect(
    faults: tuple[Fault, ...],
    response: Response,
    path: str,
    *,
    through_esb: bool,
) -> tuple[Response, Delivery]:
    """The answer as the caller gets it, and how; the call has taken effect."""
    delivery = _delay(faults)
    for fault in faults:
        match fault:
            case AnswerLost() | LateInsert(answer="closed"):
                return response, Delivery(delay_s=delivery.delay_s, cut_after=0)
            case LateInsert(answer="504"):
                return _broken(504, path, through_esb=through_esb), delivery
            case ServerError():
                return _broken(fault.status, path, through_esb=through_esb), delivery
            case Reset():
                return response, Delivery(delivery.delay_s, fault.after_bytes, reset=True)
            case _:
                continue
    return response, delivery


def _too_many(fault: RateLimited, path: str, *, through_esb: bool) -> Response:
    """The gateway tells the pause in a header of its own; `Retry-After` is what proxies before it add."""
    after = ("Retry-After", str(fault.retry_after_s))
    if through_esb:
        return platform_error(429, path, after)
    return rate_limited(fault.retry_after_s, after)


def _broken(status: int, path: str, *, through_esb: bool) -> Response:
    """Before ESB stands a web server; the gateway speaks for itself."""
    return platform_error(status, path) if through_esb else gateway_error(status)


def _delay(faults: tuple[Fault, ...]) -> Delivery:
    return Delivery(delay_s=sum(fault.seconds for fault in faults if isinstance(fault, Delay)))
