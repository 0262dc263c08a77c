"""DO: what launcher can be asked for, one use case per file.

A use case takes values and gives values: it reads and writes files, asks JOB, writes the ledger, but
it renders nothing, prints nothing and knows nothing of a command line. What it needs from outside
(time, chance, variables, the wish to stop) comes in as `surroundings.Surroundings`. Expected failure is
a `LauncherError` with diagnostics; what went well in spite of trouble carries them in its result.

Use cases: `validate`, `fmt`, `render_spec`, `diff`, `apply`, `status`, `why`, `resolve`, `lock`, `ledger`,
`unlock`, `sandbox`. Below them, each with one task: `opening` (workspace and manifests), `record` (ledger
and lockfile), `server` (the JOB server of an environment), `observe`, `backwards` (never an older commit),
`permission` (where launching is allowed at all), `performer` and `drive` (carry out what the engine asks).
"""
