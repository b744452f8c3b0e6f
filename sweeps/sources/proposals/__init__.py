"""What a program printed and left, and the lines of `metrics:` that would read it: proposed where nothing does."""
