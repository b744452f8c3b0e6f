"""Turns the command lines of one program into a file."""
