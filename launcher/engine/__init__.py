"""Decide: what is to be done, and in which order, so that nothing is ever started twice.

Pure: no clock, no network, no files, no logging, no chance. Time and random texts come in as
arguments or as answers to effects, so that the command line, a simulation and a test drive the same
code.

- `desired` merges manifests into launches; `spec` holds what a launch would run, and its digest.
- `events` are what a ledger can say; `fold` makes of them what is `recorded`.
- `observed` is what JOB says now; `progress` is what that means for an attempt.
- `rows` is the decision table; `decide` makes a `changeset` from desired, recorded and observed.
- `effects` are what the engine asks for; `execute` carries out a changeset by asking: `prepare`
  (lines 1 to 3 of the protocol), `start` with `verify` (4 to 6), `watch` (7). `run` is what one such
  run knows, `report` what it was asked for and what came of it.
"""
