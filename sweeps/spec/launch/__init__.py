"""The keys of the file that say how it is run, not what: part of no fingerprint."""
