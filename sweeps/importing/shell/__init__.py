"""Reads shell text as the commands that it would run; nothing is run."""
