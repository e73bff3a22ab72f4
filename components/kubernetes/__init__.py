"""The Kubernetes objects of a cell: alone, on a cluster that one already has, and on top of each cloud's cluster."""
