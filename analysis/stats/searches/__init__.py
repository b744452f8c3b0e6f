"""Which sampler of several found the best value, asked as the questions of grids are (`samplers`)."""
