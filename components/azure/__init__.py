"""A cell on Azure: one subscription, one component a concern, the same file names as on the other clouds."""
