"""The wish beside the record: expected trials with their runs, curves and marks; the report's plain values."""
