"""A file's new content beside it, until it takes the file's place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write_draft"]


def write_draft(target: Path, content: bytes) -> Path:
    """A new file in the folder of `target` that holds `content`.

    Its name can be guessed, so a repository could hold a link of that name: what stands there goes, and is never
    written through.

    Raises:
        OSError: it cannot be written; nothing of it is left.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    with draft.open("xb") as file:
        try:
            file.write(content)
            file.flush()
        except OSError:
            draft.unlink(missing_ok=True)
            raise
    return draft
