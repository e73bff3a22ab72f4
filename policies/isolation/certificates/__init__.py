"""Whose names certificates have, and who renews them (ISO-11)."""
