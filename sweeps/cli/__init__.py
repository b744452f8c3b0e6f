"""The `sweep` command: its verbs, what they print, and what `sweep run` shows while it runs."""

from sweeps.cli.entry_point import main

__all__ = ["main"]
