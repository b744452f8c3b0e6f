"""One value a run, by setting: what is shown (`point_data`), as an image (`point_mpl`) and as a chart (`point_plotly`)."""
