"""What is known of JOB's v3 API, fact by fact: the complete index of what the sandbox must do.

A row names the section of the API's description that it belongs to, says what JOB does, and plays
it on a bench. `NOT_MODELLED` in `omissions` tells what is left out on purpose.
"""

from __future__ import annotations

from tests.support.facts.access import ACCESS
from tests.support.facts.errors import ERRORS
from tests.support.facts.launching import LAUNCHING
from tests.support.facts.limits import LIMITS
from tests.support.facts.logs import LOGS
from tests.support.facts.numbers import NUMBERS
from tests.support.facts.operating import OPERATING
from tests.support.facts.plans import PLANS
from tests.support.facts.querying import QUERYING
from tests.support.facts.quirks import QUIRKS
from tests.support.facts.rows import SECTIONS, Fact
from tests.support.facts.steps import STEPS
from tests.support.facts.transport import TRANSPORT

__all__ = ["FACTS", "SECTIONS", "Fact"]

FACTS: tuple[Fact, ...] = (
    *TRANSPORT,
    *ACCESS,
    *LAUNCHING,
    *OPERATING,
    *QUERYING,
    *LOGS,
    *STEPS,
    *PLANS,
    *NUMBERS,
    *ERRORS,
    *LIMITS,
    *QUIRKS,
)
"""Every fact, in the order of the sections."""
