"""How a request broke off, in words that cannot hold a header or a body."""

from __future__ import annotations

import ssl
from enum import StrEnum

import httpx

from launcher.model.times import duration_text

__all__ = ["CONNECT_S", "Hindrance", "hindrance_of", "reason_of"]

CONNECT_S = 10.0
"""How long a connection may take to be made."""


class Hindrance(StrEnum):
    """What kept a request from being sent, as far as causes and cures differ."""

    CONNECTION = "connection"
    TIME = "time"
    """The certificate has expired, or is not valid yet."""
    TRUST = "trust"
    """Nobody who is trusted vouches for the certificate."""
    NAME = "name"
    """The certificate is another host's."""
    PROXY = "proxy"
    """The proxy gave no tunnel."""


_HINDRANCES = {
    9: Hindrance.TIME,
    10: Hindrance.TIME,
    62: Hindrance.NAME,
    64: Hindrance.NAME,
}
"""By OpenSSL's number of what it did not like about a certificate. Source: openssl, `x509_vfy.h`."""


def hindrance_of(error: httpx.HTTPError) -> Hindrance:
    """What kept the request from being sent that ended with `error`."""
    if isinstance(error, httpx.ProxyError):
        return Hindrance.PROXY
    refused = _certificate_error(error)
    if refused is None:
        return Hindrance.CONNECTION
    return _HINDRANCES.get(refused.verify_code, Hindrance.TRUST)


def reason_of(error: httpx.HTTPError) -> str:
    """What broke."""
    refused = _certificate_error(error)
    if refused is not None:
        return refused.verify_message.rstrip(".")
    match error:
        case httpx.ConnectTimeout():
            return f"no connection within {duration_text(CONNECT_S)}"
        case httpx.ConnectError():
            return str(error) or "no connection"
        case httpx.ProxyError():
            # The status line of the proxy's answer: nothing of ours has reached it by then.
            return str(error)[:100] or "no answer that could be read"
        case httpx.PoolTimeout():
            return "no free connection"
        case httpx.ReadTimeout():
            return "no answer in time"
        case httpx.WriteTimeout():
            return "the server took no more of the request"
        case httpx.RemoteProtocolError():
            return "the connection was closed before a whole answer"
        case _:
            return f"the connection broke ({type(error).__name__})"


def _certificate_error(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """The error of the TLS library below `error`; httpx and httpcore each wrap it once."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, ssl.SSLCertVerificationError):
        found = found.__cause__ or found.__context__
    return found
