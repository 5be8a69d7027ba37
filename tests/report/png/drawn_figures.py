"""Figures of matplotlib as they were saved."""

import pytest

from zen_lightning.report.png import figure


def drawn(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Keep the figures that are saved."""
    kept: list[object] = []
    whole = figure.save_figure
    for module in ("group_plots", "tuning_plots"):
        monkeypatch.setattr(
            f"zen_lightning.report.png.{module}.save_figure", lambda one, path: (kept.append(one), whole(one, path))
        )
    return kept
