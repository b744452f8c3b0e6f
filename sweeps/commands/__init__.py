"""The verbs of the command line as functions: no printing, no exit."""
