"""Finds the smallest description of configs."""
