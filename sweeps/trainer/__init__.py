"""The trainer that the file names: found and checked, its config's keys, its code and its environment."""
