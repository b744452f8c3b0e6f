"""Readers of command lines that few scripts have."""
