"""Reading the record: tidy frames, figures, the report. Imports no torch."""
