"""Whom resources trust (ISO-05): each cloud's module tells the principals that a resource names, and `check` judges."""
