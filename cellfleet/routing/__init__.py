"""How a request finds its tenant's cell."""
