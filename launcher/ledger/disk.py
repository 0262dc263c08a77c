"""The few calls that make a file durable, behind one small class, so that a test can make them fail."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Disk"]


class Disk:
    """Writes that a record depends on. Every method raises `OSError` as the system does."""

    def write_at(self, descriptor: int, content: bytes, offset: int) -> None:
        """Write all of `content` at `offset`; after a failure any part of it may be there."""
        rest = memoryview(content)
        while rest:
            written = os.pwrite(descriptor, rest, offset)
            rest, offset = rest[written:], offset + written

    def cut(self, descriptor: int, size: int) -> None:
        """Drop everything from `size` on."""
        os.ftruncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        """Return when what was written to the file would survive a loss of power."""
        os.fsync(descriptor)

    def sync_folder(self, folder: Path) -> None:
        """Return when the names in `folder` would survive a loss of power."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def make_folder(self, folder: Path) -> None:
        """Create `folder` and what is missing above it, durably."""
        missing = [item for item in (folder, *folder.parents) if not item.exists()]
        for item in reversed(missing):
            item.mkdir(exist_ok=True)
            self.sync_folder(item.parent)
