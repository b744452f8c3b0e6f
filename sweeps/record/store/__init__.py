"""Writes tracking stores: sqlite files of a known schema directly, every other store through MLflow's client."""
