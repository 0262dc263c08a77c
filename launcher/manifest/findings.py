"""One error of a model, told as a person would.

`diagnostics_of` looks up the rule that was broken in a table; each function below it knows one rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from launcher.diagnostics import Diagnostic, Pointer
from launcher.manifest.fields import ADDRESSES, fields_at
from launcher.manifest.illformed import ill_formed
from launcher.manifest.nodes import kind_of
from launcher.manifest.suggest import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Finding", "Told", "diagnostics_of"]

Told = tuple[Diagnostic, Pointer, bool]
"""A diagnostic, the route to where it belongs, and whether the key there is meant."""

_LONGEST = 60
_DURATIONS = (("wait", "timeout"), ("retry", "backoff"), ("spec", "poll"))
_BESIDE = {
    "variable": ("id",),
    "overlay": ("id",),
    "secret": ("version",),
    "reference": (),
    "plan": ("template",),
}
"""What a mapping with alternatives may hold besides one of them."""
_UNCLEAR = {"secret": "L136", "reference": "L136", "plan": "L164"}

_WORDS_FOR = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "`true` or `false`",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "literal_error": "one of a few words",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """An error of a model.

    Attributes:
        rule: pydantic's name of the error, or ours.
        route: where, with the names of alternatives.
        pointer: where in the document.
        of_key: the key at `pointer` is meant.
        value: what stands there.
        context: what the rule says of this case.
        text: what stands there as it is written, if it is a scalar.
        schema: the schema of the whole document.
        tag: what marks the name of an alternative in `route`.
    """

    rule: str
    route: tuple[str | int, ...]
    pointer: Pointer
    of_key: bool
    value: Any
    context: Mapping[str, Any]
    text: str | None
    schema: Mapping[str, Any]
    tag: str

    @property
    def field(self) -> str:
        """Where, as people write it: `spec.variables.targets.hosts.ids[0]`."""
        return _dotted(self.pointer) or "the document"

    @property
    def written(self) -> str:
        """What stands there, cut to a length that fits a sentence."""
        text = self.text if self.text is not None else str(self.value)
        return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"

    def told(self, code: str, hint: str | None = "default", **facts: str) -> list[Told]:
        """One diagnostic at the place of this finding."""
        known = {"field": self.field, "text": self.written, **facts}
        return [(Diagnostic(code, known, hint=hint), self.pointer, self.of_key)]


def diagnostics_of(finding: Finding) -> list[Told]:
    """`finding` as diagnostics: one, or one for each unknown field that explains it."""
    if finding.value is None and finding.rule in _WORDS_FOR:
        return _null(finding)
    return _TELLERS.get(finding.rule, _unexpected)(finding)


def _null(finding: Finding) -> list[Told]:
    hint = "mapping" if finding.rule == "model_type" else "default"
    return finding.told("L123", hint)


def _unknown(finding: Finding) -> list[Told]:
    known = fields_at(finding.schema, finding.route[:-1], finding.tag)
    return [_unknown_field(finding.pointer, known)]


def _unknown_field(pointer: Pointer, known: tuple[str, ...]) -> Told:
    name = str(pointer[-1])
    close = nearest(name, known)
    facts = {
        "name": name if len(name) <= _LONGEST else name[:_LONGEST] + "…",
        "inside": _dotted(pointer[:-1]) or "the document",
        "known": _listed(known),
        "close": close or "",
    }
    hint = "near" if close else "default"
    if "environments" in pointer and name.lower().replace("_", "") in ADDRESSES:
        hint = "address"
    return Diagnostic("L120", facts, hint=hint), pointer, True


def _missing(finding: Finding) -> list[Told]:
    *around, name = finding.pointer
    inside = _dotted(tuple(around)) or "the document"
    facts = {"name": str(name), "inside": inside}
    hint = "version" if finding.pointer == ("apiVersion",) else "default"
    return [(Diagnostic("L121", facts, hint=hint), tuple(around), True)]


def _text_needed(finding: Finding) -> list[Told]:
    if isinstance(finding.value, bool | int | float):
        if finding.pointer[-2:] in _DURATIONS:
            return _bare_duration(finding)
        kind = "a boolean" if isinstance(finding.value, bool) else "a number"
        return finding.told("L122", kind=kind, quoted=f'"{finding.written}"')
    return _wrong_kind(finding)


def _bare_duration(finding: Finding) -> list[Told]:
    """Quotes would not help here: what is missing is the unit."""
    code, hint, _ = ill_formed("duration", finding.written)
    return finding.told(code, hint)


def _number_needed(finding: Finding) -> list[Told]:
    if isinstance(finding.value, float):
        return finding.told("L129")
    if isinstance(finding.value, str) and re.fullmatch(r"[0-9]{1,19}", finding.value):
        return _wrong_kind(finding, "unquote")
    return _wrong_kind(finding)


def _boolean_needed(finding: Finding) -> list[Told]:
    return _wrong_kind(finding, "boolean")


def _list_needed(finding: Finding) -> list[Told]:
    return _wrong_kind(finding, "list" if finding.text is not None else "default")


def _wrong_kind(finding: Finding, hint: str = "default") -> list[Told]:
    expected = _WORDS_FOR[finding.rule]
    return finding.told("L124", hint, expected=expected, found=kind_of(finding.value))


def _out_of_range(finding: Finding) -> list[Told]:
    limit = finding.context.get("ge", finding.context.get("le"))
    bound = "at least" if "ge" in finding.context else "at most"
    return finding.told("L125", bound=bound, limit=str(limit))


def _unknown_word(finding: Finding) -> list[Told]:
    if finding.pointer == ("apiVersion",):
        return finding.told("L127")
    allowed = tuple(re.findall(r"'([^']*)'", finding.context["expected"])) or ("true",)
    if finding.pointer == ("kind",):
        return finding.told("L128", expected=allowed[0])
    close = nearest(finding.written, allowed)
    if "days" in finding.pointer:
        close = next((day for day in allowed if finding.written.lower().startswith(day)), close)
    hint = "near" if close else "default"
    return finding.told("L126", hint, allowed=_listed(allowed, "or"), close=close or "")


def _shape(finding: Finding) -> list[Told]:
    text = str(finding.pointer[-1]) if finding.of_key else str(finding.value)
    code, hint, facts = ill_formed(finding.context["rule"], text)
    shown = facts.pop("text")
    shown = shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"
    return finding.told(code, hint, text=shown, **facts)


def _alternatives(finding: Finding) -> list[Told]:
    names, present = finding.context["names"], finding.context["present"]
    what = finding.context["what"]
    known = (*names, *_BESIDE[what])
    unknown = [] if present else [key for key in finding.value if key not in known]
    if "unset" in unknown:
        return finding.told("L134", "unset", names=_listed(names), present="none of them")
    if unknown:
        return [_unknown_field((*finding.pointer, key), known) for key in unknown]
    code = _UNCLEAR.get(what, "L134")
    hint = "reference" if what == "reference" else "default"
    found = _listed(tuple(present)) if present else "none of them"
    return finding.told(code, hint, names=_listed(names), present=found)


def _no_hosts(finding: Finding) -> list[Told]:
    return finding.told("L135")


def _too_short(finding: Finding) -> list[Told]:
    if "hosts" in finding.pointer:
        return finding.told("L135")
    hints = {"windows": "windows", "allowedPlans": "plans"}
    return finding.told("L144", hints.get(str(finding.pointer[-1]), "default"))


def _too_long(finding: Finding) -> list[Told]:
    return finding.told(
        "L148", limit=str(finding.context["max_length"]), length=str(len(finding.value))
    )


def _repeated(finding: Finding) -> list[Told]:
    index = finding.context["index"]
    item = finding.value[index]
    pairs = item.items() if isinstance(item, dict) else ()
    text = ", ".join(f"{key}: {value}" for key, value in pairs) or str(item)
    facts = {"field": finding.field, "text": text}
    return [(Diagnostic("L140", facts), (*finding.pointer, index), False)]


def _unexpected(finding: Finding) -> list[Told]:
    """A rule that this module does not know yet: said in the words of the rule."""
    return finding.told("L149", message=finding.rule.replace("_", " "))


_TELLERS: Mapping[str, Callable[[Finding], list[Told]]] = {
    "alternatives": _alternatives,
    "bool_type": _boolean_needed,
    "dict_type": _wrong_kind,
    "extra_forbidden": _unknown,
    "greater_than_equal": _out_of_range,
    "int_type": _number_needed,
    "less_than_equal": _out_of_range,
    "list_type": _list_needed,
    "literal_error": _unknown_word,
    "missing": _missing,
    "model_type": _wrong_kind,
    "no_hosts": _no_hosts,
    "repeated": _repeated,
    "shape": _shape,
    "string_too_long": _too_long,
    "string_type": _text_needed,
    "too_short": _too_short,
}


def _dotted(pointer: Pointer) -> str:
    shown = ""
    for part in pointer:
        shown += f"[{part}]" if isinstance(part, int) else f".{part}"
    return shown.removeprefix(".")[: 2 * _LONGEST]


def _listed(words: tuple[str, ...], last: str = "and") -> str:
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"
