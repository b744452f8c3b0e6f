"""Readers of what programs print, and of tables and documents."""
