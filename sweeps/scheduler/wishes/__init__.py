"""What a `sweep run` is to train changes while it goes on: a wish, and its difference to the jobs that there are."""
