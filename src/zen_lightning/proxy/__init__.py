"""Zero-shot proxies, a file a score. The closed form is pure Python; the others import torch when they are used."""

from zen_lightning.proxy.base import CannotScoreError, Proxy, RankedProxy, Score

__all__ = ["CannotScoreError", "Proxy", "RankedProxy", "Score"]
