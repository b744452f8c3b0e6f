"""What a program wrote elsewhere than into its own directory, and which of that it only appended to."""
