"""Findings and summaries as a person, a machine or a forge reads them: one module a format."""
