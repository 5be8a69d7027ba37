"""Tasks that look at given networks."""
