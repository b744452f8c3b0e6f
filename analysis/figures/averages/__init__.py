"""How runs become lines: repeats as their mean, in bins of steps where these differ or points are many and noisy."""
