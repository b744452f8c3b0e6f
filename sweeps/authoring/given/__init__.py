"""What is typed behind a script: its words, and the config files that they name."""
