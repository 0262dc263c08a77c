"""What the API gateway answers where it does not let a call through, or gets no answer from JOB.

Source: blueking-apigateway-apisix: bodies are those of `bk-core/errorx.lua`, headers those of `bk-error-wrapper.lua`
and, for a rate limit, of `bk-rate-limit/init.lua`. An error that JOB itself answers passes unchanged.
"""

from __future__ import annotations

import json

from launcher.sandbox.wire import Response

__all__ = ["gateway_error", "rate_limited"]

_SILENT = ' [upstream_error="cannot read header from upstream"]'
"""Said where JOB had the request and gave no answer."""

_ERRORS = {
    429: (1642902, "RATE_LIMIT_RESTRICTION", "API rate limit exceeded by stage strategy"),
    500: (1650001, "INTERNAL_SERVER_ERROR", "Internal Server Error"),
    502: (1650200, "BAD_GATEWAY", f"Bad Gateway{_SILENT}"),
    503: (1650300, "SERVICE_UNAVAILABLE", "Service Unavailable"),
    504: (1650401, "REQUEST_BACKEND_TIMEOUT", f"Request backend service timeout{_SILENT}"),
}
_UNKNOWN = (1650070, "UNKNOWN_ERROR", "unknown error")

_TOO_MANY = 429


def gateway_error(status: int, *extra: tuple[str, str]) -> Response:
    """The gateway's own answer with that HTTP status."""
    code, name, message = _ERRORS.get(status, _UNKNOWN)
    body = {"code": code, "code_name": name, "message": message, "result": False, "data": None}
    headers = (
        ("Content-Type", "application/json; charset=utf-8"),
        ("X-Bkapi-Error-Code", str(code)),
        ("X-Bkapi-Error-Message", message),
        *extra,
    )
    return Response(status, json.dumps(body, separators=(",", ":")).encode(), headers)


def rate_limited(reset_s: int, *extra: tuple[str, str]) -> Response:
    """A call too many; another may be made in `reset_s` seconds."""
    return gateway_error(
        _TOO_MANY,
        ("X-Bkapi-RateLimit-Limit", "1"),
        ("X-Bkapi-RateLimit-Remaining", "0"),
        ("X-Bkapi-RateLimit-Reset", str(reset_s)),
        ("X-Bkapi-RateLimit-Plugin", "bk-stage-rate-limit"),
        *extra,
    )
