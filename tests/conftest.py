"""What all tests begin with."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Let an interrupt reach the processes that tests start: a shell has jobs in its background ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
