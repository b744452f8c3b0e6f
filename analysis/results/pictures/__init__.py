"""Pictures that runs left: which files are shown (`found`), how large (`shrunk`), and what the video's trainer predicted (`clips`)."""
