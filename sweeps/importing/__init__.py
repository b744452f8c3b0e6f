"""Turns what people have in place of a file into one: command lines, shell loops, other tools' sweeps. Pure."""
