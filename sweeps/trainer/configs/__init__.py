"""The config files that belong to a trainer's code."""
