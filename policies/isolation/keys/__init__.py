"""Which key encrypts what (ISO-10): each cloud's module lists where keys are named, and `check` judges."""
