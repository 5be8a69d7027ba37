"""Paths below home folders."""

from pathlib import Path

import pytest

from zen_lightning.errors import UserError
from zen_lightning.system.named_path import check_home, expanded, home_path, path_to_write

NOBODY = "~nobody-of-this-name/x"


def test_the_home_of_nobody_is_no_traceback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert (expanded("~/x"), home_path(" ~/x "), path_to_write(Path("~/x"), "folder")) == (tmp_path / "x",) * 3
    assert expanded(NOBODY) == expanded(Path(NOBODY)) == Path(NOBODY)
    check_home("~/x", "folder")
    with pytest.raises(UserError, match=f"output={NOBODY}: there is no user nobody-of-this-name"):
        path_to_write(NOBODY, "output")
