"""Figures of searches: of each (`search_figures`), drawn with matplotlib (`search_mpl`); of several side by side (`course_figures`)."""
