"""The `sweep` command: its verbs and options, the tables that it prints, and the display of a running sweep."""

from sweeps.cli.entry_point import main

__all__ = ["main"]
