"""Where a run may change anything at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.diagnostics import Diagnostic
from launcher.errors import RefusedToAct, WrongUsage
from launcher.operations.acts import check_reason
from launcher.operations.backwards import RULE
from launcher.operations.record import ledger_folder

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from launcher.operations.site import Site

__all__ = [
    "CAPABILITY",
    "check_overrides",
    "check_permitted",
    "guards_set_aside",
    "may_create_ledger",
]

CAPABILITY = "CAPABILITY"
"""The rule that `--override` can set aside beside the guards: that the server has proven what it can do."""


def check_permitted(site: Site) -> None:
    """Check that this run may write the record and launch.

    Nobody's proposal launches anything, and a ledger that dies with the checkout of a CI run would be lost at
    once. The sandbox is exempt: it can hurt nobody.

    Raises:
        RefusedToAct: it may not.
    """
    if site.environment.is_sandbox:
        return
    forge = site.forge
    if forge.proposal is not None:
        facts = {"system": forge.name, "why": forge.proposal, "environment": site.environment.name}
        raise RefusedToAct(Diagnostic("L527", facts))
    if forge.is_ci and not _ledger_survives(site):
        facts = {"system": forge.name, "path": str(ledger_folder(site))}
        raise RefusedToAct(Diagnostic("L528", facts))


def may_create_ledger(site: Site) -> bool:
    """Whether an apply may start a ledger where there is none: a person may, a CI run may not."""
    return site.environment.is_sandbox or not site.forge.is_ci


def check_overrides(
    site: Site,
    override: AbstractSet[str],
    known: AbstractSet[str],
    *,
    allow_older_commit: bool,
    reason: str | None,
) -> None:
    """Check that the rules that are to be set aside exist, and that a person says why.

    Raises:
        WrongUsage: a rule does not exist, or there is no reason.
        RefusedToAct: a CI run cannot take it upon itself; the sandbox can hurt nobody.
    """
    unknown = sorted(override - known)
    if unknown:
        raise WrongUsage(
            *(
                Diagnostic("L537", {"rule": rule, "known": ", ".join(sorted(known))})
                for rule in unknown
            )
        )
    rules = sorted(override) + ([RULE] if allow_older_commit else [])
    if not rules:
        return
    check_reason("--override" if override else "--allow-older-commit", reason)
    if site.forge.is_ci and not site.environment.is_sandbox:
        raise RefusedToAct(*(Diagnostic("L538", {"rule": rule}) for rule in rules))


def guards_set_aside(override: AbstractSet[str]) -> frozenset[str]:
    """The guards among the rules that a person sets aside."""
    return frozenset(override) - {CAPABILITY}


def _ledger_survives(site: Site) -> bool:
    if site.environment.ledger == "git":
        return True
    if site.settings.ledger_dir is None:
        return False
    checkout = site.repository.root if site.repository is not None else site.root
    return not site.settings.ledger_dir.resolve().is_relative_to(checkout.resolve())
