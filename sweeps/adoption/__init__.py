"""Finished runs of elsewhere become trials of the file: `sweep adopt`."""
