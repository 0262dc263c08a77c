"""Talk to a JOB server: the only package that knows JOB's field names and speaks HTTP.

`server.JobServer` is what the rest of the package uses; `address` says where a server is and who
asks. Below it, each file does one thing: `calls` (which operations there are, by door), `bodies`
(our words → JOB's), `transport` (bytes out, bytes in, and whether any byte left), `envelope` (bytes
→ code and data), `verdicts` (what a code or a broken connection means), `wire` (JOB's answers),
`plans`, `steps`, `instances`, `search`, `capability` (JOB's words → ours).

Nothing here retries a write, follows a redirect, logs a body, or decides what to do next.
"""
