"""What the environment and the user's own configuration say, read once, checked, and frozen.

Addresses, certificates, proxies and credentials come from here only, never from a repository.
`Settings.from_environment` reads what every run needs; `Settings.server` reads what only a real JOB
server needs, and only then; the user configuration is read once something asks for it. An empty
variable counts as absent. Importing this package costs no HTTP library.
"""

from __future__ import annotations

from launcher.settings.address import GATEWAY
from launcher.settings.environment import LANGUAGES, SECRET_PREFIX, Settings

__all__ = ["GATEWAY", "LANGUAGES", "SECRET_PREFIX", "Settings"]
