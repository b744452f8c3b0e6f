"""A `sweep run` between its start and its end: what it was asked, the file that is saved meanwhile, and further `sweep run`s."""
