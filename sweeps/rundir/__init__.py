"""The files of runs on disk, and who works on a run: paths, journal, processes, lock and lease."""
