"""Runs a program once for some seconds, to see what it prints and leaves: where, and what came of it."""
