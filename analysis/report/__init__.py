"""The report: its sections, rendered as a page and as Markdown, and written into one folder."""
