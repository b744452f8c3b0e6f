"""Searches: a search as the record has it (`search`), and how far it and others of the same task came (`courses`)."""
