"""The evolutionary search: loop, journal, restarts. No torch, no Lightning."""

from zen_lightning.search.evolution import Evolution
from zen_lightning.search.run import Candidate, Progress, SearchOutcome, SearchSetup, run_search

__all__ = ["Candidate", "Evolution", "Progress", "SearchOutcome", "SearchSetup", "run_search"]
