"""What stands on disk for a run, and who works on it: paths, journal, processes, lock and lease."""
