"""The scope of a call, looked up before anything else in its parameters is checked.

Source: bk-job, `BasicAppInterceptor.EsbAppParser`, `EsbAppScopeReq`, `ScopeValidator`,
`CommonAppServiceImpl.queryAppByScope`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from launcher.sandbox.codes import Code
from launcher.sandbox.params import bad_request
from launcher.sandbox.refusal import Refused

if TYPE_CHECKING:
    from launcher.sandbox.definition import ScopeEntry
    from launcher.sandbox.params import Params
    from launcher.sandbox.places import Places
    from launcher.sandbox.routes import Operation

__all__ = ["check_old_field", "find_scope"]

_TYPES = frozenset({"biz", "biz_set", "tenant_set"})
_JAVA_LONG = re.compile(r"[+-]?[0-9]{1,20}")
_OLD_SETS = range(8_000_000, 10_000_000)


def find_scope(
    places: Places,
    operation: Operation,
    params: Params,
    tenant: str | None,
) -> ScopeEntry | None:
    """The scope that the parameters name.

    Args:
        places: where scopes are looked up.
        operation: says whether it has a scope, and whether a GET must name it.
        params: `bk_scope_type` and `bk_scope_id`, or the old `bk_biz_id`.
        tenant: the caller's tenant; `None` where there are no tenants.

    Returns:
        The scope; `None` if the operation has none, or a GET names none.

    Raises:
        Refused: the scope is invalid, unknown, another tenant's, or only half named.
    """
    if not operation.has_scope:
        return None
    kind, identity = _filled(params.text("bk_scope_type")), _filled(params.text("bk_scope_id"))
    if operation.needs_scope and (kind is None or identity is None):
        raise bad_request()
    if kind is not None and identity is not None:
        if kind not in _TYPES:
            raise Refused(Code.ILLEGAL_NAMED_PARAM, "bk_scope_type")
        return _known(places, f"{kind}/{identity}", tenant)
    old = _filled(params.untyped("bk_biz_id"))
    if kind is not None or identity is not None:
        if params.from_query:
            raise Refused(Code.INTERNAL_ERROR)
        raise bad_request("Invalid bk_scope_id" if identity is None else "Invalid bk_scope_type")
    if old is not None:
        return _known(places, _old_key(old), tenant)
    if params.from_query:
        return None
    raise bad_request("Invalid bk_scope_type")


def _filled(value: str | None) -> str | None:
    return value if value is not None and value.strip() else None


def _old_key(old: str) -> str:
    # Java reads a number strictly here: no blanks, no other digits, 64 bits.
    if not _JAVA_LONG.fullmatch(old):
        raise Refused(Code.INTERNAL_ERROR)
    number = int(old)
    if not -(2**63) <= number < 2**63:
        raise Refused(Code.INTERNAL_ERROR)
    return f"biz_set/{number}" if number in _OLD_SETS else f"biz/{number}"


def _known(places: Places, key: str, tenant: str | None) -> ScopeEntry:
    found = places.scopes.get(key)
    if found is None or (tenant is not None and found.tenant != tenant):
        raise Refused(Code.SCOPE_NOT_FOUND)
    return found


def check_old_field(params: Params) -> None:
    """Apply the annotation of `bk_biz_id`, which a body has even where the scope fields win.

    Raises:
        Refused: it is no number, or (in a body) below 1.
    """
    number = params.integer("bk_biz_id")
    if number is not None and number < 1 and not params.from_query:
        raise bad_request("Invalid bk_biz_id")
