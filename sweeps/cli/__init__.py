"""The `sweep` command: its verbs, what they print, and what `sweep run` shows while it runs."""

from sweeps.cli.verbs import main

__all__ = ["main"]
