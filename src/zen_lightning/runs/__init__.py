"""A run is a folder: its files, its command, its result."""
