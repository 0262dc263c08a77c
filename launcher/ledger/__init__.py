"""Remembers: the append-only, hash-chained record of everything launcher did, and its lockfile.

The *ledger* is the authority: events that are never changed, each holding the hash of the one
before it (`codec`), kept by a back end behind one port (`port.Ledger`; `file.FileLedger`). The
*lockfile* is its present, as one sorted JSON file for people and diffs (`lockfile`). What the
events add up to is the engine's word (`launcher.engine.recorded`).

Pure rules stand beside the back ends: who may open a session (`sessions`), whether this is the
ledger that the lockfile speaks of (`check`), what to record when one is made anew (`restore`).

This package never decides what is launched, never talks to JOB, and never repairs a record: the
only thing it ever removes is the unfinished end of a write that nobody was told had succeeded.
"""
