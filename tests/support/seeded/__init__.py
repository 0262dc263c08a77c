"""Lives drawn from a seed: several runners over one ledger and one JOB, one effect at a time.

| module | holds |
|---|---|
| `troubles` | what can go wrong, and how likely it is in one life |
| `server`, `instances` | JOB: what it creates, its queue of STARTs, what people do on its pages |
| `record` | the ledger: compare-and-swap, durable once acknowledged, everything else may fail |
| `process`, `runner` | one process: what it does from reading the ledger to the end of its run, and how it stands |
| `world` | performs an effect of one process |
| `rules` | what must hold at any moment |
| `states`, `times` | desired states; clocks |
| `life`, `living` | a whole life: trouble, then health, then rest |
| `promises` | what must hold at rest |
| `story` | a life told effect by effect |
"""
