"""Files for people: CSV and GIFs of a rollout, the lab's submission."""
