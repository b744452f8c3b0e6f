"""Completion of command lines: what the shells run, and what can stand where."""

VARIABLE = "_SWEEP_COMPLETE"
"""Is set where a shell asks: `bash_complete` and the like."""
