"""One module for each command; a group of commands (`lock`, `ledger`, `sandbox`) is one module."""
