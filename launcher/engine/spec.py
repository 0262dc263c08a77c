"""What a launch would run: the effective spec as a value, its canonical form and its digest."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from launcher.model.documents import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DIGEST_PREFIX",
    "EffectiveSpec",
    "Hosts",
    "LaunchKey",
    "PlanName",
    "PlanReference",
    "Scope",
    "SecretReference",
    "Variable",
    "digest_of",
    "hosts_data",
    "plan_from",
    "plan_text",
    "recordable_spec",
]

DIGEST_PREFIX = "v1:sha256:"
"""Names the canonical form and the hash, so that either can change later."""

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_PLAIN = frozenset({str, int, bool, type(None)})
"""Types of values that hold no others."""


@dataclass(frozen=True, slots=True, order=True)
class LaunchKey:
    """What makes two launches of one name the same launch; environment and name go without saying."""

    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class PlanName:
    """A job plan by name: which one that is, only the server can say, and not for ever.

    Attributes:
        name: the job plan's.
        template: the name of its template; `None` where the job plan's own has to be enough.
    """

    name: str
    template: str | None = None


PlanReference = int | PlanName
"""A job plan as it is declared: by its id, or by a name that is looked up in the scope."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """A host target, as sets: sorted, without duplicates; at least one is not empty.

    Attributes:
        ids: host ids.
        ips: pairs of cloud area id and IPv4 address.
        dynamic_groups: ids of dynamic groups.
        topo_nodes: pairs of node type and node id.
    """

    ids: tuple[int, ...] = ()
    ips: tuple[tuple[int, str], ...] = ()
    dynamic_groups: tuple[str, ...] = ()
    topo_nodes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SecretReference:
    """Where a secret's value comes from; never the value.

    Attributes:
        source: `env` or `file`.
        name: what the source calls it.
        version: changes when the secret is rotated, because nothing else would show it.
    """

    source: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a launch.

    Attributes:
        name: its key in the manifest; what JOB matches unless `id` is given.
        id: JOB's id of the variable; where it is given, JOB matches by it alone.
        value: text as declared (`""` is the empty text), hosts, or a reference to a secret.
    """

    name: str
    value: str | Hosts | SecretReference
    id: int | None = None


@dataclass(frozen=True, slots=True)
class EffectiveSpec:
    """A launch after workspace defaults, `spec` and the environment's overlay are merged.

    Attributes:
        scope: where it runs.
        plan: the job plan, as it is written; what a name stands for is no part of the spec.
        variables: sorted by name; a variable that is not here keeps the job plan's own value.
        callback_url: what JOB calls when the instance ends; `None` for nothing.
        pin: digest of the only job plan content that may run; `None` for any.
    """

    scope: Scope
    plan: PlanReference
    variables: tuple[Variable, ...] = ()
    callback_url: str | None = None
    pin: str | None = None

    def to_data(self) -> dict[str, Any]:
        """The canonical form: only what changes what would run, secrets as references."""
        data: dict[str, Any] = {
            "scope": {"type": self.scope.type, "id": self.scope.id},
            "plan": _plan_data(self.plan),
            "variables": {item.name: _variable_data(item) for item in self.variables},
        }
        if self.callback_url is not None:
            data["callbackUrl"] = self.callback_url
        if self.pin is not None:
            data["pin"] = {"digest": self.pin}
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> EffectiveSpec:
        """The spec whose canonical form is `data`: the inverse of `to_data`."""
        return cls(
            scope=Scope(data["scope"]["type"], data["scope"]["id"]),
            plan=plan_from(data["plan"]),
            variables=tuple(
                _variable(name, item) for name, item in sorted(data["variables"].items())
            ),
            callback_url=data.get("callbackUrl"),
            pin=data["pin"]["digest"] if "pin" in data else None,
        )


def plan_from(data: Mapping[str, Any]) -> PlanReference:
    """The job plan written as `data`, in a manifest or in a canonical form."""
    if "name" in data:
        return PlanName(data["name"], data.get("template"))
    plan_id: int = data["id"]
    return plan_id


def plan_text(plan: PlanReference) -> str:
    """A job plan in words, with text from outside in it: `1000`, or `"Deploy web" of template "web"`."""
    match plan:
        case PlanName(name, None):
            return f'"{name}"'
        case PlanName(name, template):
            return f'"{name}" of template "{template}"'
        case plan_id:
            return str(plan_id)


def _plan_data(plan: PlanReference) -> dict[str, Any]:
    if not isinstance(plan, PlanName):
        return {"id": plan}
    return {"name": plan.name} | ({} if plan.template is None else {"template": plan.template})


def digest_of(data: Any) -> str:  # noqa: ANN401 - any JSON value
    """Digest of a JSON value: sorted keys, no floats, UTF-8, no Unicode normalisation.

    Raises:
        TypeError: `data` holds a float or something that is not JSON.
    """
    return DIGEST_PREFIX + hashlib.sha256(canonical(data)).hexdigest()


def canonical(data: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """`data` as the bytes that are hashed."""
    _refuse_floats(data)
    text = _CANONICAL.encode(data)
    # A lone surrogate cannot come from UTF-8 text; escaping keeps the digest total all the same.
    return text.encode("utf-8", "surrogatepass")


def recordable_spec(data: Mapping[str, Any]) -> dict[str, Any]:
    """A canonical spec as it may be kept and shown: the callback URL without user, query and fragment.

    Those may hold a token that the receiver checks. The digest in the launch key covers the whole
    URL, so a change of any part of it is still a change; what is kept here has another digest and
    must not be launched from.
    """
    kept = dict(data)
    if kept.get("callbackUrl") is not None:
        kept["callbackUrl"] = _without_secrets(kept["callbackUrl"])
    return kept


def _without_secrets(url: str) -> str:
    bare = re.split(r"[?#]", url, maxsplit=1)[0]
    return re.sub(r"^([a-zA-Z][a-zA-Z0-9+.-]*:)?//[^/\\]*@", r"\1//", bare)


def _refuse_floats(data: Any) -> None:  # noqa: ANN401 - any JSON value
    # Most values are plain, and a changeset of a thousand launches holds a hundred thousand of them.
    if isinstance(data, float):
        raise TypeError("a canonical form holds no floats")
    if isinstance(data, dict):
        data = data.values()
    elif not isinstance(data, list | tuple):
        return
    for value in data:
        if type(value) not in _PLAIN:
            _refuse_floats(value)


def _variable_data(variable: Variable) -> dict[str, Any]:
    data: dict[str, Any] = {} if variable.id is None else {"id": variable.id}
    match variable.value:
        case str() as text:
            data["value"] = text
        case Hosts() as hosts:
            data["hosts"] = hosts_data(hosts)
        case SecretReference(source, name, version):
            data["secret"] = {source: name, "version": version}
    return data


def hosts_data(hosts: Hosts) -> dict[str, Any]:
    """A host target as JSON values: the inverse of `hosts_from`."""
    data: dict[str, Any] = {}
    if hosts.ids:
        data["ids"] = list(hosts.ids)
    if hosts.ips:
        data["ips"] = [{"cloud": cloud, "ip": ip} for cloud, ip in hosts.ips]
    if hosts.dynamic_groups:
        data["dynamicGroups"] = list(hosts.dynamic_groups)
    if hosts.topo_nodes:
        data["topoNodes"] = [{"type": kind, "id": node} for kind, node in hosts.topo_nodes]
    return data


def _variable(name: str, data: Mapping[str, Any]) -> Variable:
    value: str | Hosts | SecretReference
    if "hosts" in data:
        value = hosts_from(data["hosts"])
    elif "secret" in data:
        value = secret_from(data["secret"])
    else:
        value = data["value"]
    return Variable(name, value, data.get("id"))


def hosts_from(data: Mapping[str, Any]) -> Hosts:
    """The host target written as `data`, in a manifest or in a canonical form."""
    return Hosts(
        ids=tuple(sorted(set(data.get("ids", ())))),
        ips=tuple(sorted({(item["cloud"], item["ip"]) for item in data.get("ips", ())})),
        dynamic_groups=tuple(sorted(set(data.get("dynamicGroups", ())))),
        topo_nodes=tuple(
            sorted({(item["type"], item["id"]) for item in data.get("topoNodes", ())})
        ),
    )


def secret_from(data: Mapping[str, Any]) -> SecretReference:
    """The secret reference written as `data`, in a manifest or in a canonical form."""
    source = next(key for key in ("env", "file") if key in data)
    return SecretReference(source, data[source], data["version"])
