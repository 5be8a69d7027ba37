"""What ``logger=`` names: trackers of experiments. None of their packages is imported before a run begins to be tracked."""

from zen_lightning.tracking.tracker import Source, Status, TrackedRun, Tracker
from zen_lightning.tracking.trackers import Trackers

__all__ = ["Source", "Status", "TrackedRun", "Tracker", "Trackers"]
