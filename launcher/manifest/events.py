"""The one way to a YAML parser: PyYAML's, by libyaml where its extension is installed.

Only the parser is used. What a scalar means, what may be repeated and how deep a document may go is
decided by us, because PyYAML reads YAML 1.1 there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

try:
    from yaml._yaml import CParser
except ImportError:  # PyYAML was built without libyaml
    CParser = None  # type: ignore[assignment, misc]

if TYPE_CHECKING:
    from collections.abc import Callable

    from yaml.events import Event

__all__ = ["HAS_LIBYAML", "CParser", "EventSource", "parser_of"]

HAS_LIBYAML = CParser is not None


class EventSource(Protocol):
    """Gives the events of a stream one by one."""

    def get_event(self) -> Event | None:
        """The next event; `None` behind the last.

        Raises:
            yaml.YAMLError: the text is not YAML.
        """
        ...


class _PureParser(Reader, Scanner, Parser):
    """PyYAML's parser in Python: the same events, slower."""

    def __init__(self, content: bytes) -> None:
        Reader.__init__(self, content)
        Scanner.__init__(self)
        Parser.__init__(self)


def parser_of(content: bytes) -> EventSource:
    """A parser of `content`, which is UTF-8."""
    make: Callable[[bytes], EventSource] = CParser if HAS_LIBYAML else _PureParser
    return make(content)
