"""What the repeats of settings are as numbers: how coarsely they are written or counted (`coarseness`)."""
