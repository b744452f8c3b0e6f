"""Expected trials with their runs, curves and marks; searches; and the parts of a report as plain values."""
