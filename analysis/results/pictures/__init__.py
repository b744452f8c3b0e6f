"""Pictures that runs left: which files are shown (`found`), and how large (`shrunk`)."""
