"""The names of the files by which runs hand networks to each other, and by which a folder is known."""

BEST_STRUCTURE = "best_structure.txt"
"""What a search found, one line."""

ARCHITECTURE = "architecture.txt"
"""What a training trains, one line."""

WEIGHTS = "weights.safetensors"
"""What it came to."""

STAGES = "stages.json"
"""What each stage of a pipeline was asked for."""

STUDY = "journal/study.log"
"""The trials of a tuning."""
