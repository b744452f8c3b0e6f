"""What a trainer hands over: copies of files, and pictures of series by step."""
