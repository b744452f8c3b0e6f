"""What is wrong with a file that only its trials, its trainer and its conditions together show."""
