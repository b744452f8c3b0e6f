"""The figures of a report: which there are (`catalogue`), their data (`figure_data`), and drawing them."""
