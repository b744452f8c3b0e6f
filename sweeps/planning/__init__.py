"""From the file to trials, and from trials and record to a plan. Pure."""
