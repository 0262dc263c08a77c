"""A JOB server of our own: the default environment, the rehearsal, and what tests talk to.

It behaves like bk-job's v3 API as bk-job's source has it, including what the documents get wrong:
HTTP 200 with `result: false`, nulls inside `data`, instance ids beyond 32 bits, milliseconds here
and seconds there, START that is only queued, unknown variables ignored in silence, history that
expires.

`world.World` is a pure state machine: (state, request, now) → (state, reply). It shares no code
with the JOB client, so that a mistake of the client's parser is not mirrored here, and it never
reads a clock, a file or the network. Around it: `worldfile` and `faults` read what people write,
`store` keeps the state in one SQLite file, `transport` serves it inside the process and `server`
over loopback. A reply says how it is *delivered* (late, cut short, not at all), so that both ways
of serving play the same faults.

Names of JOB's own fields appear in this package and in `launcher.job` only.
"""
