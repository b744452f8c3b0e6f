"""The verbs of the command line as functions for scripts and notebooks; `import sweeps` has them."""
