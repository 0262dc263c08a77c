"""Texts about the surroundings: settings, git, CI, the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue.english.beginnings import BEGINNINGS
from launcher.catalogue.english.operations import OPERATIONS
from launcher.catalogue.english.settings import SETTINGS
from launcher.catalogue.english.unknown import UNKNOWN
from launcher.catalogue.english.usage import USAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.catalogue import Entry

__all__ = ["ENTRIES"]

ENTRIES: Mapping[str, Entry] = {**SETTINGS, **OPERATIONS, **USAGE, **UNKNOWN, **BEGINNINGS}
