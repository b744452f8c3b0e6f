"""What `sweep stop --for-good` and `sweep run --again` do with the record."""
