"""Comparisons, measures, effects and findings: pure functions from results to statements."""
