"""What `validate --online` has asked, in words."""

from __future__ import annotations

from launcher.render.visible import visible
from launcher.render.words import count_text

__all__ = ["render_asked"]

_NOT_KNOWN = """\
JOB has no dry run. Before a launch nobody can know whether hosts, groups and nodes exist in the scope, whether the
account may launch there (launch_job_plan, use_account), and which variables are constants, which JOB lets anyone set.
"""


def render_asked(environment: str, launches: int, job_plans: int) -> str:
    """What was held against what, and what that cannot tell."""
    held = f"{count_text(launches, 'launch')} held against {count_text(job_plans, 'job plan')}"
    return f"{visible(environment)}: {held}.\n" + (_NOT_KNOWN if launches else "")
