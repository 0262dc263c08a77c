"""Types of option values that click does not know."""

from __future__ import annotations

import re
from typing import Any

import click

__all__ = ["DURATION", "Duration"]

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_FORM = re.compile(r"(\d{1,6})(s|m|h)?", re.ASCII)


class Duration(click.ParamType[float]):
    """A time to wait, in seconds: `90`, `30s`, `10m`, `1h`."""

    name = "duration"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 - click's signature
        """How the value is called in help."""
        return "TIME"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - text, or a default
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> float:
        """The seconds that `value` means."""
        if isinstance(value, int | float):
            return float(value)
        match = _FORM.fullmatch(value.strip())
        if match is None:
            self.fail(f"{value!r} is not a time like 90, 30s, 10m or 1h.", param, ctx)
        return int(match[1]) * _UNITS[match[2] or ""]


DURATION = Duration()
