"""What the environment says, read once, checked, and frozen.

Addresses, certificates, proxies and credentials come from here only, never from a repository.
`Settings.from_environment` reads what every run needs; `Settings.server` reads what only a real JOB
server needs, and only then. An empty variable counts as absent. Importing this package costs no HTTP library.
"""

from __future__ import annotations

from launcher.settings.address import GATEWAY
from launcher.settings.environment import SECRET_PREFIX, Settings

__all__ = ["GATEWAY", "SECRET_PREFIX", "Settings"]
