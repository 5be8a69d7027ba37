"""The evolutionary search: loop, journal, restarts. No torch, no Lightning."""

from zen_lightning.search.evolution import Evolution
from zen_lightning.search.run import Candidate, Progress, SearchOutcome, SearchSetup, run_search
from zen_lightning.system.callable_module import make_callable

__all__ = ["Candidate", "Evolution", "Progress", "SearchOutcome", "SearchSetup", "run_search"]

make_callable(__name__, "zen_lightning.api.searching:search")
