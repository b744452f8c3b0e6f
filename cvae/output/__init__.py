"""Writes files to look at: CSV and GIFs of a rollout, the lab's submission."""
