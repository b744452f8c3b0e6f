"""What a run takes on disk: its files, its checkpoints, and how they are removed."""
