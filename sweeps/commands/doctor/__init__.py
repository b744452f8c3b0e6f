"""What this machine has for sweeps, what is wrong with it, and what to do about that."""
