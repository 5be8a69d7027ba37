"""``zl.analyze``, ``zl.compare``, ``zl.correlate``, ``zl.export``: what is said of given networks."""

from zen_lightning.api.analysis import Analysis, analyze
from zen_lightning.api.comparison import Comparison, compare
from zen_lightning.api.correlation import correlate
from zen_lightning.api.exporting import export
from zen_lightning.api.study import Study

__all__ = ["Analysis", "Comparison", "Study", "analyze", "compare", "correlate", "export"]
