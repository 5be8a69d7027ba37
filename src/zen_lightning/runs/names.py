"""The names of the files by which runs hand results to each other, and by which a folder is known."""

RESULT = "result.json"
"""What a run found; it is written last."""

RECORD = "command.json"
"""The command that began a run, for ``resume=``."""

BEST_STRUCTURE = "best_structure.txt"
"""The answer of a search, one line."""

ARCHITECTURE = "architecture.txt"
"""The network of a training, one line."""

WEIGHTS = "weights.safetensors"
"""The trained weights."""

SCORES = "scores.jsonl"
"""The scores of a correlation study, from which it is continued; a search has its journal."""

STAGES = "stages.json"
"""What each stage of a pipeline was asked for."""

STUDY = "journal/study.log"
"""The trials of a tuning."""

PRUNED = "pruned.json"
"""Left by a trial that its study stopped early."""

REPORT = "report.html"
"""The report of a run."""
