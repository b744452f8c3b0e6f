"""Expands the file into trials, and compares them with the record to plan what to do. Pure."""
