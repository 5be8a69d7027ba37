"""Tasks over many runs or commands."""
