"""The text of the experiments.yaml that `sweep init` writes."""
