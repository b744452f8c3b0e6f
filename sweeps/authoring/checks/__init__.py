"""What a script's source proves of a file that is already written."""
