"""Folders as runs leave them, without running anything."""

import json
from pathlib import Path
from typing import Any


def leave(folder: Path, overrides: list[str], result: dict[str, Any] | str | None, record: bool = True) -> Path:
    """Write what a run leaves: Hydra's overrides, its own record, and a result: an object, any text, or none."""
    (folder / ".hydra").mkdir(parents=True)
    (folder / ".hydra" / "overrides.yaml").write_text("".join(f"- {override}\n" for override in overrides))
    if record:
        (folder / "command.json").write_text(json.dumps({"overrides": overrides, "asked": overrides}))
    if result is not None:
        (folder / "result.json").write_text(result if isinstance(result, str) else json.dumps(result))
    return folder


def pipeline(folder: Path, overrides: list[str], stages: dict[str, dict[str, Any] | None]) -> Path:
    """Write what a pipeline leaves whose stages search, and train what was found: a result for each, or none."""
    leave(folder, ["task=pipeline", *overrides], None, record=False)
    asked = {}
    for name, result in stages.items():
        asked[name] = (
            ["task=search"] if name == "search" else ["task=train", f"arch=/moved/{folder.name}/search", f"dataset={name}"]
        )
        leave(folder / name, asked[name], result)
    (folder / "stages.json").write_text(json.dumps(asked))
    if all(result is not None for result in stages.values()):
        (folder / "result.json").write_text('{"task": "pipeline", "stages": {}}')
    return folder


def trained(dataset: str, top1: float, **more: Any) -> dict[str, Any]:
    """Return the result of a training."""
    return {"task": "train", "dataset": dataset, "val_top1": top1, "params": 1000, "epochs": 1440, "structure": "A", **more}
