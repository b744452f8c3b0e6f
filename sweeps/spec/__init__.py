"""What experiments.yaml says: YAML with places, the shape of the file, settings, searches, resources."""
