"""How long trials take: from samples of others, for the order in which they start and the time that is left. Pure, but for the clock of a trial's progress."""
