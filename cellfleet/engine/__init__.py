"""Drives the Pulumi engine: finds or builds it, runs stacks in order, recovers what an interruption left behind."""
