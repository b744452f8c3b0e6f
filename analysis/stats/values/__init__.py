"""What a page tells, as values instead of words."""
