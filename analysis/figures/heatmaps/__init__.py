"""Heatmaps of a grid over two axes: final values with their spread over seeds (`heatmap_data`), and drawing them."""
