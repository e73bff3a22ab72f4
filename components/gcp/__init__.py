"""A cell on GCP: one project, one component a concern, the same file names as on the other clouds."""
