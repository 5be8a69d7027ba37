"""Whether the campaign of crafted folders sees a formula in a table."""

from importlib import import_module
from pathlib import Path

import pytest

CAMPAIGNS = Path(__file__).parents[2] / "campaigns"
EVALUATED = ("=A1", "@x", "='file:///x'#$x.A1", "-cmd|x", "+key=[1", "a;=x", "a\t =x", '"x,y";=z')
PLAIN = ("-1.5", "-1e+05", "-inf", "+key=a", "-name", "'=A1", "a;'=x", '"x,=y"')


@pytest.mark.parametrize(("cell", "evaluated"), [*((cell, True) for cell in EVALUATED), *((cell, False) for cell in PLAIN)])
def test_a_formula_is_seen(cell: str, evaluated: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(CAMPAIGNS))
    (tmp_path / "x.csv").write_text(f"name,1\n{cell},2")
    assert import_module("folders")._evaluated(tmp_path / "x.csv") is evaluated
