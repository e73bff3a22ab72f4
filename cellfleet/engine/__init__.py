"""Drives the Pulumi engine: finds or builds its CLI, runs a stack, records a stack without it."""
