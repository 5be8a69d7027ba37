"""YAML files of a user: what is wrong with one is said with file and line."""

import os
import re
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

import pytest
from hydra._internal.sources_registry import SourcesRegistry

from command_line import Zen
from zen_lightning.config import register, sources
from zen_lightning.errors import UserError
from zen_lightning.system.yaml_check import check_yaml
from zen_lightning.system.yaml_files import read_yaml

BOMB = "\n".join(["a0: &a0 [1, 1, 1, 1, 1, 1]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 6)}]" for n in range(1, 12))])
BROKEN = [
    (b"seed: 1\n\tlimit: 2\n", r"line 3: .*it has a tab: indent by spaces"),
    (b'device: "cpu\nseed: 1\n', r"line 2: the quote that begins there is not closed"),
    (b"device: \xff\n", r"line 2: it is no UTF-8 text: save the file as UTF-8"),
    (b"seed: [1, 2\n", r"line 3: .*flow sequence"),
    (b"seed: 1\nseed: 2\n", r"line 3: the key seed is there already, in line 2"),
    (b"seed: !!python/object:os.system x\n", r"line 2: !!python/object:os.system is no plain value"),
    (b"seed: &a [*a]\n", r"line 2: it contains itself, by an alias"),
    (BOMB.encode(), r"line \d+: its aliases stand for more than 100,000 values"),
    (b"? [a, b]\n: 1\n", r"line 2: a list is no key"),
    (b"x: " + b"[" * 40 + b"]" * 40, r"line 2: nested more than 32 levels deep"),
    (b"x: \0", r"line 2: a character that no text has"),
]
ODD = [
    (b"- 1\n- 2\n", r"mine\.yaml holds a list, and must hold keys with values"),
    (b"defaults: 3\n", r"mine\.yaml: defaults is 3, and must be a list"),
    (b"defaults: [5]\n", r"mine\.yaml: an entry of defaults is 5, and must be the name of a file"),
    (b"defaults:\n  - override /budget: [a, {b: c}]\n", r"an entry of defaults is .*, and must be"),
    (b"defaults: [mine]\n", r"mine\.yaml: the configuration cannot be composed \(it refers to itself"),
    (b"search: 3\n", r"experiment/mine\.yaml: .*"),
    (b"task: null\n", r"task=null: expected a mapping with _target_|node `task` is not a container"),
    (b"x: ${\n", r"mine\.yaml cannot be read as a configuration"),
    (b"x: ${y}\ny: ${x}\n", r"x: it refers to itself"),
]


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "conf" / "experiment" / "mine.yaml"
    path.parent.mkdir(parents=True)
    return path


@pytest.mark.parametrize(("content", "message"), BROKEN)
def test_what_is_broken_is_said_with_its_line(mine: Path, content: bytes, message: str) -> None:
    mine.write_bytes(b"# @package _global_\n" + content)
    with pytest.raises(UserError, match=rf"mine\.yaml, {message}"):
        check_yaml(mine)


def test_plain_files_are_read(mine: Path) -> None:
    mine.write_text("base: &base {a: 1}\nmore:\n  <<: *base\n  b: 2020-01-01\n")
    check_yaml(mine)
    assert read_yaml(mine)["more"]["a"] == 1
    mine.write_text("a: [1\n")
    with pytest.raises(UserError, match=r"mine\.yaml, line 2"):
        read_yaml(mine)


@pytest.mark.parametrize(("content", "message"), [BROKEN[0], BROKEN[7], *ODD])
def test_commands_say_so_and_validation_too(zen: Zen, mine: Path, content: bytes, message: str) -> None:
    mine.write_bytes(b"# @package _global_\n" + content)
    command = ("--config-dir=conf", "experiment=mine", "task=zoo")
    for more, code in (((), 2), (("task=validate",), None)):
        ended = zen(*command, *more)
        assert ended.code in ((1, 2) if code is None else (code,)), ended
        said = ended.err + ended.out
        assert "Traceback" not in said
        assert re.search(message, " ".join(said.split()), re.DOTALL), said


def test_the_package_may_stand_below_other_comments(zen: Zen, tmp_path: Path) -> None:
    (tmp_path / "budget").mkdir()
    lines = [
        "# my_conf/budget/mine.yaml",
        "# What it is for.",
        "",
        "# @package _global_",
        "resolution: 48",
        "budget: {name: mine}",
    ]
    (tmp_path / "budget" / "mine.yaml").write_text("\n".join(lines) + "\n")
    ended = zen("--config-dir", str(tmp_path), "budget=mine", "--cfg", "job")
    assert ended.code == 0, ended.err
    assert "\nresolution: 48\n" in ended.out
    (tmp_path / "budget" / "mine.yaml").write_text("name: mine\n# @package _global_\n")
    assert "  name: mine\n" in zen("--config-dir", str(tmp_path), "budget=mine", "--cfg", "job").out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        *BROKEN[:8],
        (b"- 1\n", r"mine\.yaml holds a list, and must hold keys with values"),
        (b"defaults: [nosuch]\n", r"mine\.yaml: there is no proxy 'nosuch'"),
        (b"defaults: [mine]\n", r"mine\.yaml: its defaults lead back to .*mine\.yaml"),
        (b"x: ${\n", r"mine\.yaml cannot be read as a configuration"),
        (b"", r"proxies\.mine has no _target_"),
    ],
)
def test_so_is_a_proxy_beside_the_one_of_the_command(zen: Zen, mine: Path, content: bytes, message: str) -> None:
    """Hydra does not read it: several proxies are a list of names."""
    path = mine.parents[1] / "proxy" / "mine.yaml"
    path.parent.mkdir()
    path.write_bytes(b"# mine\n" + content)
    command = ("--config-dir=conf", "task=score", "arch=SuperConvK3BNRELU(3,8,1,1)", "proxies=[params,mine]")
    said = zen(*command)
    assert (said.code, re.search(message, said.err) is None) == (2, False), said
    checked = zen(*command, "task=validate")
    assert (checked.code, "mine" in checked.out, checked.err) == (1, True, ""), checked


def test_a_pipe_among_proxies_is_not_waited_for(zen: Zen, mine: Path) -> None:
    (mine.parents[1] / "proxy").mkdir()
    os.mkfifo(mine.parents[1] / "proxy" / "mine.yaml")
    said = zen("--config-dir=conf", "task=score", "arch=SuperConvK3BNRELU(3,8,1,1)", "proxies=[mine]")
    assert (said.code, "there is no proxy 'mine'" in said.err) == (2, True), said


def test_a_file_that_ships_is_read_once_and_again_after_a_change(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register()
    monkeypatch.setattr(sources, "conf_dir", lambda: mine.parent)
    source: Any = SourcesRegistry.instance().resolve("file")(provider="main", path=f"file://{mine.parent}")
    read: list[str] = []
    unchecked = source.read_unchecked
    monkeypatch.setattr(
        type(source), "read_unchecked", lambda self, config_path: (read.append(config_path), unchecked(config_path))[1]
    )
    mine.write_text("defaults: [a]\nseed: 1\n")
    first = source.load_config("mine").config
    first.pop("defaults")  # As Hydra does.
    assert source.load_config("mine").config == {"defaults": ["a"], "seed": 1}
    assert read == ["mine"]
    mine.write_text("seed: 10\n")
    assert source.load_config("mine").config == {"seed": 10}
    assert read == ["mine", "mine"]


@pytest.mark.parametrize("header", ["# @package _global_\r\n", "# Mine.\r\n# @package _global_\r\n"])
def test_a_byte_order_mark_hides_no_package(zen: Zen, mine: Path, header: str) -> None:
    """Hydra would put the keys of the file elsewhere, and leave those of the command as they are."""
    mine.write_bytes(BOM_UTF8 + header.encode() + b"defaults:\r\n  - override /search: naswot\r\nseed: 41\r\n")
    ended = zen("--config-dir=conf", "experiment=mine", "task=analyze", "arch=SuperConvK3BNRELU(3,8,1,1)", "output_dir=run")
    assert ended.code == 0, ended.err
    settings = read_yaml(Path("run") / ".hydra" / "config.yaml")
    assert (settings["seed"], settings["search"]["name"]) == (41, "naswot")
