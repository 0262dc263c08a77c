"""Declarative launches of BlueKing JOB plans: reviewed in git, started exactly once.

The package is a stack of layers, each importing only those below it: `cli`; `operations` and
`settings`; `job`, `ledger`, `sandbox`, `forge` and `render`; `engine` and `manifest`; `model`;
`errors`; `catalogue` and `diagnostics`.
"""

__version__ = "0.1.0"
