"""``imports=``: modules of one's own, in every task and every process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.errors import UserError
from zen_lightning.runs.names import RECORD
from zen_lightning.system.own_modules import import_own, module_names

BLOCKS = """
from zen_lightning.arch import Conv, SuperBlock, super_block

@super_block("{name}K{{kernel_size}}", kernel_size=(3, 5))
class Own(SuperBlock):
    kernel_size: int

    def expand(self):
        widths = [self.in_channels] + [self.out_channels] * self.sub_layers
        return tuple(
            Conv(before, self.out_channels, self.kernel_size, self.stride if place == 0 else 1)
            for place, before in enumerate(widths[:-1])
        )
"""
NET = "SuperConvK3BNRELU(3,8,1,1){name}K3(8,16,2,2)SuperConvK1BNRELU(16,32,1,1)"

PLAIN = "SuperConvK3BNRELU(3,16,1,1)SuperConvK1BNRELU(16,32,1,1)"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> tuple[str, str]:
    """Name of a module in the working directory, which nothing has imported yet, and a structure with a block of it."""
    name = f"Own{abs(hash(request.node.nodeid)) % 10**9}"
    (tmp_path / f"{name.lower()}.py").write_text(BLOCKS.format(name=name))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZEN_LIGHTNING_IMPORTS_FROM", str(tmp_path))
    monkeypatch.setattr(sys, "path", list(sys.path))
    return name.lower(), NET.format(name=name)


def test_an_own_block_is_known_to_every_task(zen: Zen, own: tuple[str, str], tmp_path: Path) -> None:
    module, net = own
    unknown = zen("task=analyze", f"arch={net}", f"output_dir={tmp_path / 'a'}")
    assert (unknown.code, "unknown super-block" in unknown.err) == (2, True)
    assert zen(f"imports={module}", "task=analyze", f"arch={net}", "task=validate").code == 0
    assert (
        zen(f"imports=[{module}]", "task=score", f"arch={net}", "proxies=[zen,flops]", f"output_dir={tmp_path / 'b'}").code == 0
    )


@pytest.mark.long
def test_an_own_block_is_known_to_workers_jobs_and_a_training(own: tuple[str, str], tmp_path: Path) -> None:
    module, net = own
    score = ("task=score", f"arch=['{net}','{PLAIN}']", "proxies=[naswot,zen_monte_carlo]")
    commands = [
        [*score, "workers=2", "resolution=32"],
        ["-m", *score, "resolution=32,64", "launcher=joblib", "launcher.jobs=2"],
        ["task=train", f"arch={net}", "dataset=digits", "debug=fast", "trainer.accelerator=cpu"],
    ]
    for number, command in enumerate(commands):
        given = [sys.executable, "-m", "zen_lightning", f"imports={module}", *command, f"output_dir={tmp_path / str(number)}"]
        environment = {key: value for key, value in os.environ.items() if key != "ZEN_LIGHTNING_IMPORTS_FROM"}
        ended = subprocess.run(given, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)
        assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("asked", [[], ["task=validate"]])
def test_a_module_that_is_not_there_is_a_sentence(zen: Zen, tmp_path: Path, asked: list[str]) -> None:
    ended = zen("task=analyze", "arch=SuperConvK3BNRELU(3,8,1,1)", "imports=none_such", *asked, f"output_dir={tmp_path}")
    assert ended.code != 0
    assert "imports=none_such: there is no module none_such" in " ".join((ended.out + ended.err).split())


def test_a_record_may_not_choose_what_is_imported(zen: Zen, own: tuple[str, str], tmp_path: Path) -> None:
    module, net = own
    folder = tmp_path / "received"
    folder.mkdir()
    (tmp_path / f"{module}.py").write_text("raise SystemExit('it ran')")
    content = {"overrides": ["task=analyze", f"arch='{net}'", f"imports={module}"], "asked": []}
    (folder / RECORD).write_text(json.dumps(content))
    ended = zen(f"resume={folder}")
    assert ended.code == 2
    assert f"imports={module}: {module} would be imported" in ended.err


def test_what_is_no_name_of_a_module() -> None:
    for value in ("my-blocks", "my_blocks.py/x", ["a", 3], "os;x"):
        with pytest.raises(UserError, match="expected the name of a Python module"):
            module_names(value)
    assert module_names(None) == []


def test_a_module_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEN_LIGHTNING_IMPORTS_FROM", str(tmp_path))
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "needs_another_one.py").write_text("import no_such_package_here")
    (tmp_path / "fails_as_it_is_imported.py").write_text("1 / 0")
    with pytest.raises(UserError, match="it needs no_such_package_here, which is not installed"):
        import_own("needs_another_one")
    with pytest.raises(UserError, match="importing it raised ZeroDivisionError"):
        import_own("fails_as_it_is_imported")
