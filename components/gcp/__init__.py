"""A cell on Google Cloud: one project of its own."""
