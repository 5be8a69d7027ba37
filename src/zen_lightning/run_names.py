"""The names of the files by which runs hand networks to each other."""

BEST_STRUCTURE = "best_structure.txt"
"""What a search found, one line."""

ARCHITECTURE = "architecture.txt"
"""What a training trains, one line."""

WEIGHTS = "weights.safetensors"
"""What it came to."""
