"""Plots, as PNG. matplotlib is an extra."""
