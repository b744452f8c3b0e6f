"""Gives disk back that nothing needs any more: `sweep gc`."""
