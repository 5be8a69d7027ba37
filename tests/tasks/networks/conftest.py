"""Cells whose accuracy is known, and a proxy of the user's own."""

from pathlib import Path

import pytest

from known_cells import CELLS, OWN


@pytest.fixture
def known(tmp_path: Path) -> Path:
    path = tmp_path / "known.csv"
    rows = [f"{cell},{50 + index},{cell.num_params(10)}" for index, cell in enumerate(CELLS)]
    path.write_text("\n".join(["architecture,top1,twin", *rows]) + "\n")
    return path


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder of configuration with a proxy of the user's own."""
    (tmp_path / "picky_proxy.py").write_text(OWN)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "conf" / "proxy").mkdir(parents=True)
    (tmp_path / "conf" / "proxy" / "picky.yaml").write_text("_target_: picky_proxy.Picky\nresolution: ${resolution}\n")
    return tmp_path / "conf"
