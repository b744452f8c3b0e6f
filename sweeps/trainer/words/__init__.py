"""The words of a command: what they have an interpreter, a launcher or a shell run."""
