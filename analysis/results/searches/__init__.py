"""Searches: a search as the record has it (`search`), what its scores depend on, what it pruned, and how far it and others of the same task came (`courses`)."""
