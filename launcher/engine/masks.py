"""Texts out of which secrets were taken, compared with texts of which nobody knows whether they hold one.

Who has recorded the content of a job plan may have known a secret that whoever reads it now does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine.observed import MASK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["masked_alike", "masked_content"]

_TEXTS_OF_VARIABLE = {"description", "value"}


def masked_content(content: Mapping[str, Any], redact: Callable[[str], str]) -> dict[str, Any]:
    """A kept `content` of a job plan with `redact` done to the texts that it is done to when a job plan is read.

    Not to names of job plans and variables, nor to what is no text of JOB's: they would differ from what was read.
    """

    def changed(item: Any) -> Any:  # noqa: ANN401 - a fact: text, hosts, or a digest with sizes
        return redact(item) if isinstance(item, str) else item

    steps = [
        {
            **step,
            "name": redact(step["name"]),
            "facts": {key: changed(item) for key, item in step["facts"].items()},
        }
        for step in content["steps"]
    ]
    variables = [
        {**item, **{key: changed(item[key]) for key in _TEXTS_OF_VARIABLE & item.keys()}}
        for item in content["variables"]
    ]
    return {**content, "steps": steps, "variables": variables}


def masked_alike(old: Any, new: Any) -> Any:  # noqa: ANN401 - facts of a job plan
    """`new` with each line masked that is as one of `old` but for what was a secret there."""
    if not isinstance(old, str) or not isinstance(new, str) or MASK not in old:
        return new
    if _fits(old, new):
        return old
    masked = [line for line in old.split("\n") if MASK in line]
    lines = new.split("\n")
    return "\n".join(next((it for it in masked if _fits(it, line)), line) for line in lines)


def _fits(masked: str, text: str) -> bool:
    """Whether `text` is `masked` with something in the place of each mask."""
    first, *between, last = masked.split(MASK)
    if not text.startswith(first):
        return False
    place = len(first)
    for part in between:
        # At least one character stands for what was taken out.
        found = text.find(part, place + 1)
        if found < 0:
            return False
        place = found + len(part)
    return text.endswith(last) and len(text) - len(last) > place
