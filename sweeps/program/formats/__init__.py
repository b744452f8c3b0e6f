"""Texts of the formats that a config file has and that Python, or a library, only reads."""
