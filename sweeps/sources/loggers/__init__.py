"""Reads what loggers leave on the disk: event files of TensorBoard, runs of Weights & Biases."""
