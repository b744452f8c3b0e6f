"""Settings of the computation: device and precision, memory layout, seeded draws."""
