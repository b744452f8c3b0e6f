"""A run of the trainer: its epochs, its attempts, and the `run` object that it is given."""
