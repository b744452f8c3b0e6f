"""What of the trainer's code is not as it was when a run began."""
