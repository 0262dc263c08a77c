"""A job plan as a manifest: its variables with what they hold now, kinds and descriptions as comments.

Whatever stands in a job plan was written by somebody else, so each value is read back by our own reader before it is
used: what a manifest cannot say exactly stays with the job plan.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from launcher.catalogue import texts
from launcher.engine.observed import VariableKind
from launcher.manifest.load import load_bytes
from launcher.render.visible import one_line
from launcher.render.yaml_text import comment, key, quoted, scalar, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from launcher.engine.observed import JobPlan, PlanVariable
    from launcher.engine.spec import Hosts

__all__ = ["NAME_AT_MOST", "Draft", "Request", "launch_name", "render_manifest"]

_IN_A_ROW = 10
"""More items than these stand one a line, so that a diff shows the one that changed."""

_LONGEST_COMMENT = 200
_LONGEST_DEFAULT = 60
NAME_AT_MOST = 63
_ENVIRONMENT_NAME = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class Request:
    """What a manifest is to be called, and where it launches.

    Attributes:
        name: `metadata.name`.
        schema: where its schema is, as seen from the file.
        environment: the only one that it launches in; `None` for the workspace's default.
        marker: the variable that the workspace keeps for itself.
    """

    name: str
    schema: str
    environment: str | None = None
    marker: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A manifest before it is written.

    Attributes:
        text: the manifest, not laid out yet.
        unfilled: required variables that hold nothing yet.
        ciphers: variables whose value JOB keeps to itself.
        kept: variables that a manifest cannot say, each with the reason.
    """

    text: str
    unfilled: tuple[str, ...]
    ciphers: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]


def launch_name(plan_id: int, plan_name: str) -> str:
    """A launch's name for a job plan: what its own name comes to, or `plan-<id>` where letters would be lost."""
    if any(character.isalnum() and not character.isascii() for character in plan_name):
        return f"plan-{plan_id}"
    words = re.sub(r"[^a-z0-9]+", "-", plan_name.lower()).strip("-")
    return words[:NAME_AT_MOST].strip("-") or f"plan-{plan_id}"


def render_manifest(plan: JobPlan, request: Request) -> Draft:
    """The manifest that launches `plan` as the job plan stands now."""
    found = _sorted_out(plan, request.marker)
    lines = [
        f"# yaml-language-server: $schema={request.schema}",
        "apiVersion: launcher/v1",
        "kind: PlanLaunch",
        "metadata:",
        f"  name: {request.name}",
        *_title(plan.pin.name),
        "spec:",
        f"  plan: {{id: {plan.pin.id}}}  {comment(one_line(plan.pin.name, _LONGEST_COMMENT))}",
        *_variables(found),
    ]
    if request.environment is not None:
        lines += ["environments:", f"  {request.environment}: {{}}"]
    return Draft(
        "\n".join(lines) + "\n",
        tuple(found.unfilled),
        tuple(found.ciphers),
        tuple(found.kept),
    )


@dataclass(slots=True)
class _Sorted:
    """The variables of a job plan as lines without indent, and the names of those that somebody has to look at.

    Attributes:
        said: lines that say a value.
        left: lines about what is left to the job plan, to stand in comments.
    """

    said: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    unfilled: list[str] = field(default_factory=list)
    ciphers: list[str] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)

    def add(self, variable: PlanVariable) -> None:
        if _is_unfilled(variable):
            self.unfilled.append(variable.name)
        if variable.kind is VariableKind.CIPHER:
            self.ciphers.append(variable.name)
        problem = _problem(variable)
        if problem is not None:
            self.kept.append((variable.name, problem))
            self.left.append(comment(f"{_short(variable.name)} keeps JOB's own value: {problem}"))
        elif _is_said(variable):
            self.said += [comment(_about(variable)), *_entry(variable)]
        else:
            self.left += [comment(_about(variable)), *_offered(variable)]


def _sorted_out(plan: JobPlan, marker: str | None) -> _Sorted:
    found = _Sorted()
    seen = set()
    for variable in plan.variables:
        if variable.name == marker:
            continue
        if variable.name in seen:
            found.kept.append((variable.name, "another variable has the same name"))
            continue
        seen.add(variable.name)
        found.add(variable)
    return found


def _variables(found: _Sorted) -> Iterator[str]:
    # What is left to the job plan stands first: below a deeper entry, the layout could not tell whose comment it is.
    if found.said:
        yield "  variables:"
        yield from (f"    {_commented(line)}" for line in found.left)
        yield from (f"    {line}" if line else "" for line in found.said)
    elif found.left:
        yield "  # variables:"
        yield from (f"  #   {line}" for line in found.left)


def _commented(line: str) -> str:
    return line if line.startswith("#") else f"# {line}"


def _title(name: str) -> Iterator[str]:
    line = f"  title: {quoted(name)}"
    if _said_against(["  name: x", line, "spec: {}"]) is None:
        yield line


def _is_unfilled(variable: PlanVariable) -> bool:
    holds = variable.hosts if variable.kind is VariableKind.HOSTS else variable.value
    return variable.required and not holds and variable.kind is not VariableKind.CIPHER


def _is_said(variable: PlanVariable) -> bool:
    """Whether a value is written: what the job plan holds, or the empty text that somebody has to fill in."""
    if variable.kind is VariableKind.HOSTS:
        return variable.hosts is not None
    return bool(variable.value) or (variable.required and variable.value is not None)


def _entry(variable: PlanVariable) -> list[str]:
    name = key(variable.name)
    if variable.hosts is not None:
        return [f"{name}:", "  hosts:", *(f"    {line}" for line in _hosts(variable.hosts))]
    lines = f"{name}: {scalar(variable.value or '', '  ')}".split("\n")
    return [lines[0] + _to_do(variable), *lines[1:]]


def _offered(variable: PlanVariable) -> list[str]:
    """What to write for a variable that is left to the job plan."""
    name = key(variable.name)
    if variable.kind is VariableKind.CIPHER:
        return [f"{name}:", f'  secret: {{env: {_secret(variable)}, version: "1"}}']
    if variable.kind is VariableKind.HOSTS:
        return [f"{name}:{_to_do(variable)}", "  hosts:", "    ids: [101, 102]"]
    return [f'{name}: ""']


def _to_do(variable: PlanVariable) -> str:
    return "  # required, has no default: fill in" if _is_unfilled(variable) else ""


def _secret(variable: PlanVariable) -> str:
    name = re.sub(r"[^A-Z0-9]+", "_", variable.name.upper()).strip("_")
    return name if _ENVIRONMENT_NAME.fullmatch(name) else f"SECRET_{variable.id}"


def _about(variable: PlanVariable) -> str:
    words = [variable.kind.value]
    if variable.required:
        words.append("required")
    if variable.value:
        words.append(f'default "{_short(variable.value)}"')
    if variable.kind is VariableKind.CIPHER:
        words.append("left to JOB unless a secret is named")
    if variable.used is False:
        words.append("no step uses it")
    text = ", ".join(words)
    text = f"{text}: {variable.description}" if variable.description.strip() else text
    return one_line(text, _LONGEST_COMMENT)


def _hosts(hosts: Hosts) -> Iterator[str]:
    ips = [f"{{cloud: {cloud}, ip: {word(ip)}}}" for cloud, ip in hosts.ips]
    nodes = [f"{{type: {word(kind)}, id: {number}}}" for kind, number in hosts.topo_nodes]
    yield from _items("ids", [str(item) for item in hosts.ids])
    yield from _items("ips", ips)
    yield from _items("dynamicGroups", [word(item) for item in hosts.dynamic_groups])
    yield from _items("topoNodes", nodes)


def _items(name: str, items: Sequence[str]) -> Iterator[str]:
    if len(items) > _IN_A_ROW:
        yield f"{name}:"
        yield from (f"  - {item}" for item in items)
    elif items:
        yield f"{name}: [{', '.join(items)}]"


def _problem(variable: PlanVariable) -> str | None:
    """Why a manifest cannot say what `variable` holds, or not even its name; `None` where it can."""
    hosts = variable.hosts
    if variable.is_masked:
        return "it holds a secret of this run"
    if hosts is not None and hosts.ids and hosts.ips:
        return "hosts by id beside hosts by address, which JOB would drop"
    entry = _entry(variable) if _is_said(variable) else [f"{key(variable.name)}: x"]
    lines = ["  name: x", "spec:", "  variables:", *(f"    {line}" for line in entry)]
    return _said_against(lines, variable if _is_said(variable) else None)


def _said_against(lines: Sequence[str], variable: PlanVariable | None = None) -> str | None:
    """What our own reader says against `lines`, a manifest from its name on, or against how it reads `variable`."""
    text = "\n".join(["apiVersion: launcher/v1", "kind: PlanLaunch", "metadata:", *lines, ""])
    document, problems = load_bytes("", text.encode())
    if document is None:
        return texts(problems[0]).summary.lower()
    if variable is None or variable.hosts is not None:
        return None
    read = document.data["spec"]["variables"].get(variable.name)
    return None if read == variable.value else "it would be read as another text"


def _short(text: str) -> str:
    return one_line(text, _LONGEST_DEFAULT)
