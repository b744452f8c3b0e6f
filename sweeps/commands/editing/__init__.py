"""What helps to write the file and to type commands: its schema, completion."""
