"""What one sweep run does with its jobs: start, follow, conclude, retry, stop, recover."""
