"""Talk to a JOB server: the only package that knows JOB's field names and speaks HTTP.

`server.JobServer` is what the rest of the package uses; `address` says where a server is, behind which door, and who
asks. Below it, each file does one thing: `calls` (which operations there are, by door), `bodies` (our words → JOB's),
`connection` and `pool` (certificates, proxy, credentials, connections), `transport` (bytes out, bytes in, and whether
any byte left), `breakage` (how a request broke off), `decoding` and `envelope` (bytes → code and data), `faults` (the
errors of what stands before JOB), `permission` (what is missing, in words), `verdicts` (what a code or a broken
connection means, and whether it is asked again), `asking` and `budget` (asking again), `wire` (JOB's answers), `plans`,
`steps`, `instances`, `search`, `capability`, `preparing` (JOB's words → ours).

Nothing here sends a START or an operation twice, sends anything again that may have happened, follows a redirect, logs
a body, or decides what to do next.
"""
