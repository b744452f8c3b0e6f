"""A conditional VAE that predicts a dance video from pose images, and its trainer.

Imports neither sweeps nor mlflow.
"""
