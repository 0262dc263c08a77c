"""What may be declared.

`planlaunch` and `workspace` hold the pydantic models, the one source of the JSON Schemas in
`schemas/` and of the explanations of a bad document. `documents` holds the plain values that the
rest of the package works with once a document has passed its schema; it imports no pydantic, so
that a check of good manifests never pays for it. Nothing here reads or writes.
"""
