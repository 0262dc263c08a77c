"""User configurations on disk."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "apiVersion: launcher/v1\nkind: UserConfig\nspec:\n"

SERVERS = """\
servers:
  remote:
    urlTemplate: https://bkapi.example.com/api/{gateway_name}
    appCode: file-app
    appSecret: {env: MY_APP_SECRET}
    ticket: file-ticket-2
  old:
    door: esb
    url: https://paas.example.com
    appCode: old-app
    appSecret: {file: old-secret}
    username: admin
"""
"""Two servers; `remote` holds a secret as text, `old` refers to a file beside the configuration."""


def a_user_config(folder: Path, spec: str = SERVERS, *, mode: int = 0o600) -> Path:
    """A file in `folder` with this `spec`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.yaml"
    path.write_text(HEAD + textwrap.indent(spec, "  "))
    path.chmod(mode)
    return path
