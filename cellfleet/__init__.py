"""The control plane of a fleet of cells, as code."""
