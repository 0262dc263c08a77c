"""`python -m launcher` is `launcher`."""

from __future__ import annotations

from launcher.cli.main import main

main()
