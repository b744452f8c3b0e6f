"""Executors: they start attempts on this machine, on Ray or on Slurm, all by one contract."""
