"""Follows the metric sources of a run: which files, which step, which name, and how far each is read."""
