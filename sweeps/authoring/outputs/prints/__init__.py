"""What a script prints: its lines, as patterns that read them, with the step of each."""
