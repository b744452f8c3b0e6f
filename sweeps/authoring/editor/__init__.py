"""What an editor is told about the file."""
