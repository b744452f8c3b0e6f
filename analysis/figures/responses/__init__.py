"""A measure over a numeric setting: what is shown (`response_data`), as an image (`response_mpl`) and as a chart (`response_plotly`)."""
