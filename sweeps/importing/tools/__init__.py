"""Reads the sweeps of other tools."""
