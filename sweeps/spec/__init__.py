"""Reads experiments.yaml: YAML nodes with places, the parsers of its parts, and the model that they fill."""
