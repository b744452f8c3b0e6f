"""What a terminal sees of a `sweep run` that goes on: in the same terminal, or from another one."""
