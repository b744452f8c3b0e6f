"""Heatmaps of a grid over two axes: final values with their spread over seeds (`heatmap_data`), one of them as values (`heat_panel`), and drawing them."""
