"""What Python and a notebook show of a result: one line with its figures, not its networks and arrays."""

from pathlib import Path

import pytest

import zen_lightning as zl
from zen_lightning.api.training_result import Training

NET = "SuperConvK3BNRELU(3,8,2,1)"
WIDER = "SuperConvK3BNRELU(3,16,2,1)"


@pytest.fixture(scope="module")
def trained() -> Training:
    """Give what a short training returns."""
    return zl.train(NET, "digits", epochs=1, limit=64, batch_size=16, resolution=8)


def line(one: object) -> str:
    """Return the repr of an object, which is one line of a few hundred characters."""
    text = repr(one)
    assert "\n" not in text
    assert len(text) < 600
    return text


def test_trainings_and_evaluations(trained: Training) -> None:
    assert line(trained).startswith(f"Training(val_top1={trained.val_top1:.6g}, ")
    assert NET in line(trained)
    found = zl.evaluate(trained, "digits")
    assert line(found).startswith(f"Evaluated(val_top1={found.val_top1:.6g}, ")
    assert f"images={found.images}" in line(found)


def test_searches_and_fronts() -> None:
    settings = {"budget": zl.Budget.preset("params1M", params=1e5), "num_classes": 4, "seed": 1}
    found = zl.search(iterations=100, finalists=0, **settings)
    assert line(found).startswith(f"SearchResult(score={found.score:.6g}, params={found.counts['params']}, ")
    assert str(found.architecture) in line(found)
    front = zl.pareto(iterations=100, objectives=["params"], **settings)
    assert line(front).startswith(f"ParetoResult(networks={len(front.points)}, objectives=['params'], ")


def test_studies_and_comparisons(tmp_path: Path) -> None:
    table = tmp_path / "known.csv"
    table.write_text(f'architecture,top1\n"{NET}",50\n"{WIDER}",60\n"{NET}{NET.replace("(3", "(8")}",70\n')
    study = zl.correlate(table, proxies=["params"], within=[])
    assert line(study) == "Study(networks=3, kendall={'params': 1})"
    compared = zl.compare([NET, WIDER])
    assert line(compared).startswith(f"Comparison(networks=['{NET}', '{WIDER}'], scores={{'{NET} by zen': ")


def test_what_classifies_and_files_for_others(tmp_path: Path) -> None:
    zl.train(NET, "digits", epochs=1, limit=64, batch_size=16, resolution=8, folder=tmp_path / "run")
    loaded = zl.load(tmp_path / "run")
    assert line(loaded).endswith("resolution=8, device='cpu')")
    files = zl.export(str(tmp_path / "run"), tmp_path / "files", "torch_export")
    assert line(files).startswith(f"Export(files=['{tmp_path}/files/model.pt2'], of='the training in ")
