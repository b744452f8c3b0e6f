"""The words for what counts the steps of a program, in lines that it prints and heads of tables."""

COUNTERS = (
    *("step", "global_step", "iteration", "iter", "it", "epoch", "ep", "episode", "update", "round", "batch"),
)
"""Words before a number that counts; the first of these that a line has is its step."""
