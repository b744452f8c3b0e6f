"""Other ways to the same result, which benchmarks and tests compare with."""
