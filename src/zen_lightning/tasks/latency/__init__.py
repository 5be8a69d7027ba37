"""Tasks that measure latency."""
