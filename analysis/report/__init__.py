"""The report: its sections, as a page and as Markdown, written into one folder."""
