"""Runs the jobs of one `sweep run`: starts, follows, judges, retries and stops them."""
