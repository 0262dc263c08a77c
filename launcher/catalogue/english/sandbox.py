"""Texts about the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.catalogue import Entry

__all__ = ["ENTRIES"]

ENTRIES: Mapping[str, Entry] = {}
