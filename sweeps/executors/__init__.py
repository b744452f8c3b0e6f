"""What starts attempts: one contract, and this machine, Ray and Slurm that keep it."""
