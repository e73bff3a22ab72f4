"""What is declared: cells.yaml as a typed, frozen `Fleet`."""
