"""Reads the metrics of programs that know nothing of sweep: from what they print and from the files that they write."""
