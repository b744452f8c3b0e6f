"""The code that runs inside a trial's own process."""
