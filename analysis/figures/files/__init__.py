"""The image files of a report: drawn, kept where nothing changed, and listed in the manifest."""
