"""Text to documents: finding, reading, checking and laying out manifests, with positions.

`discovery` finds files, `load` turns them into documents or diagnostics, `fmt` lays them out.

There are two ways through a file. `quick` takes a good, ordinary one: libyaml composes its nodes, a
small builder makes plain values of them, a compiled validator checks these against the shipped JSON
Schema, and the nodes are dropped. Whatever is unusual or wrong goes to `compose`, which takes the
events one by one, counts them against budgets, and keeps every position; `explain` then lets the
models say what does not fit. Both ways read the same, and all judges of a shape agree; the tests
hold them together. So a good file costs a tenth of a millisecond and imports no pydantic, and a bad
one gets all the time it needs.

Nothing here decides what a launch means: that is the engine's, which this package never imports.
"""
