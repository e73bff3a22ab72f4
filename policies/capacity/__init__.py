"""Capacity: whether there is room, in the cells and in the clouds' own limits."""
