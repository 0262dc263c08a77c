"""FACE: the command line.

The only package that imports click, prints, reads the process's environment and exits. `main`
answers `--version` by itself; `run` is the one place where failures become words and exit codes;
`app` is the tree of commands, loaded only when one is called; `commands/` has a module for each
verb, which reads its options, calls one use case and prints what `launcher.render` makes of it.
"""
