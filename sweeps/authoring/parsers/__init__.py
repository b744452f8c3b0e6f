"""One module for each kind of command line: what a script of that kind takes, read from its source."""
