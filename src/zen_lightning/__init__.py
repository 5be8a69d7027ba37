"""Zero-shot architecture search with the Zen-score: find a network for a budget in seconds, on a laptop.

``import zen_lightning`` loads neither torch nor Lightning: what needs them is imported when it is first used.

Example:
    >>> import zen_lightning as zl
    >>> arch = zl.Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)")
    >>> arch.num_params(num_classes=10)
    2354
    >>> 7.0 < zl.zen_score(arch, resolution=32) < 7.2
    True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zen_lightning.system.before_torch import ask_before_torch
from zen_lightning.system.lazy import lazy_name
from zen_lightning.system.versions import VERSION

__version__ = VERSION

ask_before_torch()

_MODULES = ("correlate", "latency", "search", "zoo")
"""Rooms that are public names; but for the zoo, they are called: ``zl.search(...)``."""

_VERBS = ("analyze", "compare", "distill", "evaluate", "export", "load", "pareto", "predict", "profile", "train")
_LAZY = {
    **dict.fromkeys(_VERBS, "api"),
    "Architecture": "arch",
    "ArchitectureError": "arch",
    "Budget": "api.budget",
    "DepthTraining": "api.depth_training",
    "Score": "proxy.base",
    "build_network": "nets",
    "load_original_checkpoint": "nets",
    "score": "proxy.catalogue",
    "search_space": "space",
    "zen_score": "proxy.zen_score",
}

if TYPE_CHECKING:
    from zen_lightning import zoo
    from zen_lightning.api.budget import Budget
    from zen_lightning.api.depth_training import DepthTraining
    from zen_lightning.api.evaluating import evaluate
    from zen_lightning.api.loading import load
    from zen_lightning.api.networks import analyze, compare, correlate, export
    from zen_lightning.api.predicting import predict
    from zen_lightning.api.searching import pareto, search
    from zen_lightning.api.timing import latency, profile
    from zen_lightning.api.training import distill, train
    from zen_lightning.arch import Architecture, ArchitectureError
    from zen_lightning.nets import build_network, load_original_checkpoint
    from zen_lightning.proxy.base import Score
    from zen_lightning.proxy.catalogue import score
    from zen_lightning.proxy.zen_score import zen_score
    from zen_lightning.space import search_space

__all__ = [
    "Architecture",
    "ArchitectureError",
    "Budget",
    "DepthTraining",
    "Score",
    "analyze",
    "build_network",
    "compare",
    "correlate",
    "distill",
    "evaluate",
    "export",
    "latency",
    "load",
    "load_original_checkpoint",
    "pareto",
    "predict",
    "profile",
    "score",
    "search",
    "search_space",
    "train",
    "zen_score",
    "zoo",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    return lazy_name(__name__, _LAZY, name)


def __dir__() -> list[str]:
    return list(__all__)
