"""Pulumi component resources: one folder a provider, with the same file names in each."""
