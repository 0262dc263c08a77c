"""Who asks: the application, and the one user it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.job.address import Credentials, Identity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["credentials_in"]

_IDENTITIES = {
    "BK_JOB_ACCESS_TOKEN": Identity.ACCESS_TOKEN,
    "BK_TICKET": Identity.TICKET,
    "BK_TOKEN": Identity.TOKEN,
    "BK_USERNAME": Identity.USERNAME,
}


def credentials_in(
    environ: Mapping[str, str], name: str, problems: list[Diagnostic]
) -> Credentials | None:
    """Who asks the server `name`, as `environ` says; `None` where `problems` says why not."""
    missing = [item for item in ("BK_APP_CODE", "BK_APP_SECRET") if item not in environ]
    if missing:
        problems.append(Diagnostic("L500", {"server": name, "variables": ", ".join(missing)}))
    proofs = [item for item in _IDENTITIES if item in environ]
    if len(proofs) != 1:
        facts = {"server": name, "found": ", ".join(proofs) or "none"}
        problems.append(Diagnostic("L503", facts))
    if missing or len(proofs) != 1:
        return None
    proof = proofs[0]
    return Credentials(
        environ["BK_APP_CODE"], environ["BK_APP_SECRET"], _IDENTITIES[proof], environ[proof]
    )
