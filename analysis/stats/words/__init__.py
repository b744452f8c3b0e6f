"""What answers are made of: phrases, what single runs show (`single_runs`), what a difference depends on (`dependence`)."""
