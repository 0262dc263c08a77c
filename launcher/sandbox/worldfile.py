"""World files and fault files, read and checked."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from launcher.errors import SurroundingsFailed
from launcher.sandbox.definition import Definition
from launcher.sandbox.documents import Document, read_text
from launcher.sandbox.faults import Fault
from launcher.sandbox.references import check_references

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["demo_definition", "parse_definition", "parse_faults", "read_definition", "read_faults"]

_DEFINITION: TypeAdapter[Definition] = TypeAdapter(Definition)
_FAULTS: TypeAdapter[tuple[Fault, ...]] = TypeAdapter(tuple[Fault, ...])


def read_definition(path: Path | None) -> Definition:
    """The world of a file; the built-in demo world for `None`.

    Raises:
        SurroundingsFailed: L601 to L605 and L609, every problem of the file with its place.
    """
    if path is None:
        return demo_definition()
    return parse_definition(read_text(path), str(path))


def demo_definition() -> Definition:
    """The built-in demo world."""
    source = files("launcher.sandbox").joinpath("demo.yaml")
    return parse_definition(source.read_text(encoding="utf-8"), "demo.yaml")


def parse_definition(text: str, name: str) -> Definition:
    """The world in a text; `name` stands for the file in messages.

    Raises:
        SurroundingsFailed: L602 to L605 and L609, every problem with its place.
    """
    document = Document.parse(text, name)
    definition = document.bind(_DEFINITION)
    problems = check_references(document, definition)
    if problems:
        raise SurroundingsFailed(*problems)
    return definition


def read_faults(path: Path | None) -> tuple[Fault, ...]:
    """The faults of a file; none for `None`.

    Raises:
        SurroundingsFailed: L601 to L603.
    """
    return () if path is None else parse_faults(read_text(path), str(path))


def parse_faults(text: str, name: str) -> tuple[Fault, ...]:
    """The faults in a text, YAML or JSON; `name` stands for the file in messages.

    Raises:
        SurroundingsFailed: L602 or L603.
    """
    document = Document.parse(text, name)
    return () if document.data is None else document.bind(_FAULTS)
