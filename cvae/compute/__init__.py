"""The machine: device and precision, memory layout, seeded draws."""
