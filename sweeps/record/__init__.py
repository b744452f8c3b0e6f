"""Writes the record to MLflow, from one thread, and waits out outages of the tracking store."""
