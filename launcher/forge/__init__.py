"""WHERE we run: which CI system, for which event, and what git says of the commit.

`detect` reads environment variables, and one file on GitHub; `git` asks git. Neither decides anything:
whether a run is allowed is up to `launcher.operations`.
"""
