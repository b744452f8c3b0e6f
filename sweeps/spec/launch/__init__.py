"""The keys of the file that say how it is run and judged, not what is run: part of no fingerprint."""
