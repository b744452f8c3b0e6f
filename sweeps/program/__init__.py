"""What a trial's program is started with: its arguments, and what it finds around it."""
