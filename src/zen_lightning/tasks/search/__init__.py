"""Tasks that search."""
