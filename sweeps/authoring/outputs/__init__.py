"""What a script writes and prints, as far as its source shows it: the metric sources of its file."""
