"""Reads `trainer:`: the code, the command's arguments and surroundings, and where its metrics are."""
