"""Whether a file that is to be read whole is small enough to be read at all."""

import json
from importlib import import_module
from pathlib import Path

import pytest

from zen_lightning.errors import UserError
from zen_lightning.system import json_files

CAMPAIGNS = Path(__file__).parents[2] / "campaigns"


def test_files_that_become_many_objects_are_within_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(CAMPAIGNS))
    bombs = import_module("bombs")
    names = (
        "31 MiB of JSON, as many objects",
        "31 MiB of JSON, as many values as are read",
        "brackets a million levels deep",
        "keys a million levels deep",
    )
    bombs.make_bombs(tmp_path / "bombs", names)
    many, values, deep, keys = (tmp_path / "bombs" / bombs.BOMBS[name] for name in names)
    limit = json_files._LARGEST
    assert 0.95 * limit < many.stat().st_size < limit
    assert (deep.stat().st_size, keys.stat().st_size) == (10**6, 5 * 10**6)
    with many.open("rb") as file:
        head = file.read(100)
        file.seek(-100, 2)
        end = file.read()
    assert json.loads(head[: head.rindex(b",")] + b"]}") == {"a": [[]] * 31}
    assert end.endswith(b"[],0]}\n")
    assert 0.95 * limit < values.stat().st_size < limit
    with pytest.raises(UserError, match="it holds more than 2,097,152 values"):
        json_files.read_json(many, "make it again")
    with pytest.raises(UserError, match="it is not as it was written"):  # All of it has been read.
        json_files.read_json(values, "make it again")
    with pytest.raises(UserError) as caught:
        json_files.read_json(deep, "make it again")
    assert "larger" not in str(caught.value)
