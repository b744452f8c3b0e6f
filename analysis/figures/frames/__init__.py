"""Predicted frames to look at: one picture of truth, predictions and errors (`frames_data`), and the film (`film`)."""
