"""What runs left to look at: pictures (`found`, and how large: `shrunk`), clips, and the files that they handed over (`artifacts`)."""
