"""A device that is none is refused by the command as by its check, also where nothing would be computed on it."""

from pathlib import Path

import pytest

from command_line import Zen


@pytest.mark.parametrize("more", [(), ("task=validate",)])
@pytest.mark.parametrize("device", ["abacus", "9" * 60])
def test_no_device(device: str, more: tuple[str, ...], zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = zen("task=compare", "arch=[a,b]", f"device={device}", *more)
    assert ended.code != 0
    assert f"device={device}" in ended.out + ended.err
