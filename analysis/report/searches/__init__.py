"""What a report says of searches: of each, and of several side by side."""
