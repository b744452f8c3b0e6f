"""Searching a space of settings with Optuna, under the same record as a grid."""
