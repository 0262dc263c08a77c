"""SAY: values in, text out: for people, as JSON, and as JSON lines.

Nothing here prints, reads a file, asks for the time or knows about options; the command line does,
and hands over what is needed. Whatever comes from outside (manifests, JOB, file names) passes
through `visible` before it is shown, so that it can neither hide nor reorder what a reader sees,
nor be taken for a command by the CI system that shows the log.

`diagnostics`, `changeset`, `report`, `status`, `why` hold the texts for people; `documents` holds the JSON shapes,
`schema` what those promise, `json_text` the writing of both.
"""
