"""By what a run was measured."""

import json
from pathlib import Path

import pytest

from zen_lightning.runs.scale import scale_of


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"proxy": "naswot"}, "by naswot"),
        ({"dataset": "cifar10"}, "on cifar10"),
        ({"metric": "val_top1", "dataset": "digits"}, "of val_top1"),
        ({"proxy": None}, ""),
        (None, ""),
    ],
)
def test_what_a_result_says(result: dict[str, object] | None, said: str, tmp_path: Path) -> None:
    if result is not None:
        (tmp_path / "result.json").write_text(json.dumps({"task": "search", **result}))
    assert scale_of(tmp_path) == said
