"""What cellfleet costs, beside what else one could do. README.md says how to run it, and how to read it."""
