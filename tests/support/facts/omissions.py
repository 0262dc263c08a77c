"""What the sandbox does not model, and what it answers instead."""

from __future__ import annotations

__all__ = ["NOT_MODELLED"]

NOT_MODELLED = {
    "rolling execution": "no step is ever rolling: operation 13 is 1241003, `batch` is read and"
    " changes nothing, state 15 does not occur",
    "containers": "a plan that targets any is refused with 1241011, as where the feature is off",
    "debug plans and file sources of kind 3 and 4": "a world cannot declare them",
    "cited and public scripts": "every script is local (`script_type` 1)",
    "launches from the web and by cron": "every instance has launch mode 2; filters for the others"
    " find nothing",
    "script and file jobs outside of plans": "every instance has type 0",
    "sending callbacks": "they are recorded at the control side and sent nowhere; the platform's"
    " domain is not on the white list by itself",
    "quota in percent": "a world declares numbers",
    "configured time limits of steps": "a world declares what a plan would have after clamping",
    "frozen IAM accounts (1215002), bad app codes in a JWT (1247004), incomplete scope (1241004)": "never answered; the gateway refuses unknown credentials with 401 and no body",
    "v4 operations": "404",
    "the gateway's rate limit, its 60 s cut and crashes of the server": "only as scripted faults",
    "partial output of a host that still runs": "a host's log appears when the host has ended",
    "collation of the name filter": "case does not count",
}
"""By topic."""
