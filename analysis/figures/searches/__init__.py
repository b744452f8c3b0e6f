"""Figures of a search: which there are (`search_figures`), and drawing them with matplotlib (`search_mpl`)."""
