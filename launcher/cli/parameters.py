"""Types of option values that click does not know."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from launcher.cli.face import Face

__all__ = [
    "DURATION",
    "PLAN_DIGEST",
    "PLAN_WORD",
    "Duration",
    "FilePath",
    "PlanDigest",
    "PlanWord",
]

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_FORM = re.compile(r"(\d{1,6})(s|m|h)?", re.ASCII)
_DIGEST = re.compile(r"v1:sha256:[0-9a-f]{64}")


class PlanDigest(click.ParamType[str]):
    """The digest of a job plan's content, as `diff -o json` tells it."""

    name = "digest"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - text
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str:
        """The digest that `value` is."""
        text = str(value).strip()
        if _DIGEST.fullmatch(text) is None:
            self.fail(
                f"{text!r} is not the digest of a job plan: v1:sha256: and 64 hexadecimal digits.",
                param,
                ctx,
            )
        return text


PLAN_DIGEST = PlanDigest()


class FilePath(click.Path):
    """A file, relative to the directory that `-C` names."""

    def __init__(self, *, exists: bool = False) -> None:
        super().__init__(exists=exists, dir_okay=False, path_type=Path)

    def convert(
        self,
        value: Any,  # noqa: ANN401 - text
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401 - click's signature; a `Path`
        """The file that `value` is; as it was given where `-C` changes nothing."""
        face = None if ctx is None else ctx.find_object(Face)
        if face is not None and face.directory != Path.cwd():
            value = face.directory / value
        return super().convert(value, param, ctx)


class PlanWord(click.ParamType[str]):
    """What a person calls a job plan: its id, its name, or a pattern."""

    name = "plan"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - text
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str:
        """`value`, if it can be any of these; a variable of a script that is not set cannot."""
        text = str(value)
        if not text.strip():
            self.fail(
                "it is empty; a job plan is called by its id, its name or a pattern.", param, ctx
            )
        return text


PLAN_WORD = PlanWord()


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
