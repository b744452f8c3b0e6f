"""Rate against distortion of a latent z: what is shown (`rate_data`), as an image (`rate_mpl`) and as a chart (`rate_plotly`)."""
