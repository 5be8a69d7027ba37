"""Tasks that train networks, or take trained ones."""
