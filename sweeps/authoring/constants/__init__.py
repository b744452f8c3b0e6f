"""Scripts that take no options, whose settings are constants at their top: what they are, what sets them, what is checked."""
