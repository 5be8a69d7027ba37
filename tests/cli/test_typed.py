"""Paths and structures are read as they are typed."""

import random
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from command_line import Zen
from zen_lightning.cli.typed import PATH_KEYS, as_typed
from zen_lightning.data.found_images import find_images
from zen_lightning.errors import UserError
from zen_lightning.system.conf_dir import conf_dir

NET = "SuperConvK3BNRELU(3,8,1,1)SuperConvK1BNRELU(8,32,1,1)"
ROOTED = (
    *("weights", "accuracies", "calibration", "dataset.root", "images", "networks", "beside", "logger.mlflow.tracking_uri"),
    *("teacher.checkpoint", "teacher.arch"),
)
KEYS = ("arch", "start", "run", "sweep", "output_dir", "resume", "output", "trust", *ROOTED)
LETTERS = "abcXYZ019=,()[]{}&|;:!?*~'\"\\ .-_+@#%^é中ß"
"""Characters of names; a path with a reference of OmegaConf in it is refused with a sentence."""


def values(override: str) -> list[str]:
    """Return what Hydra makes of an override: the value, or those of a sweep."""
    parsed = OverridesParser.create().parse_override(override)
    if parsed.is_sweep_override():
        return [str(one).strip("'") for one in parsed.sweep_string_iterator()]
    value = parsed.value()
    return list(map(str, value)) if isinstance(value, list) else [str(value)]


def names(count: int, seed: int = 0) -> list[str]:
    drawn = random.Random(seed)
    found = ("".join(drawn.choices(LETTERS, k=drawn.randint(1, 12))) for _ in range(10 * count))
    return [name for name in dict.fromkeys(found) if name.strip() == name and name not in (".", "..") and name[0] != "~"][
        :count
    ]


@pytest.mark.parametrize("key", KEYS)
def test_a_path_that_exists_is_that_path(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in names(200):
        (tmp_path / name).mkdir(exist_ok=True)
        for sweep in (False, True):
            for typed in (name, str(tmp_path / name)):
                (value,) = values(as_typed(f"{key}={typed}", sweep))
                assert Path(tmp_path / value) == tmp_path / name, (name, sweep)


def test_a_file_beside_other_kinds_of_values_is_told_from_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "balanced").mkdir()
    for sweep in (False, True):
        for other in ("balanced", "{cat: 2}", "{cat: 2, dog: 3}", "[1,2.5]", "null", "'{cat: 2}'"):
            typed = as_typed(f"recipe.class_weights={other}", sweep)
            assert typed.replace(", ", ",") == f"recipe.class_weights={other}".replace(", ", ",")
        for name in ("w.csv", "of a, b=1.json", "[w].yaml"):
            (tmp_path / name).write_text("")
            assert values(as_typed(f"recipe.class_weights={name}", sweep)) == [str(tmp_path / name)]
    both = values(as_typed("recipe.class_weights=w.csv,balanced", sweep=True))
    assert both == [str(tmp_path / "w.csv"), "balanced"]


def test_several_paths_of_a_sweep_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kept = [name for name in names(60, seed=1) if name[0] not in "'\"[" and "'" not in name]
    for name in kept:
        (tmp_path / name).mkdir(exist_ok=True)
    for one, two in zip(kept[::2], kept[1::2], strict=False):
        typed = as_typed(f"arch={one},{two},{NET}", sweep=True)
        assert len(list(OverridesParser.create().parse_override(typed).sweep_string_iterator())) == 3, typed
        assert values(as_typed(f"arch=[{one},{NET},{two}]", sweep=False)) == [one, NET, two]


def test_bare_structures_of_a_sweep_are_jobs(zen: Zen, tmp_path: Path) -> None:
    two = NET.replace("8", "16")
    ended = zen("-m", "task=analyze", f"arch={NET},{two}", f"output_dir={tmp_path / 'a=b, c'}")
    assert ended.code == 0, ended.err
    folders = sorted(path.name for path in (tmp_path / "a=b, c").iterdir() if path.is_dir())
    assert [folder[:2] for folder in folders] == ["0-", "1-"]


@pytest.mark.long  # Six commands.
def test_the_folders_of_a_sweep_are_taken_as_they_are(zen: Zen, tmp_path: Path) -> None:
    place = tmp_path / "a=b, c"
    search = ("budget=params1M", "search.iterations=20", "search.population_size=8", "search.finalists=0")
    ended = zen("-m", *search, "seed=0,1", f"output_dir={place}")
    assert ended.code == 0, ended.err
    assert sorted(path.name for path in place.iterdir() if path.is_dir()) == ["0-seed=0", "1-seed=1"]
    found = zen("task=compare", f"arch=[{place}/0-seed=0,{place}/1-seed=1]", f"output_dir={tmp_path / '中 (x)'}")
    assert found.code == 0, found.err
    assert zen("task=aggregate", f"sweep={place}", f"output_dir={tmp_path / 'all|of&it'}").code == 0
    assert zen(f"resume={place / '0-seed=0'}", "search.iterations=30").code == 0
    assert zen(f"resume={place}").code == 0


def test_a_pattern_is_every_path_that_matches(tmp_path: Path) -> None:
    for name in ("net=1.txt", "net,2.txt", "other"):
        (tmp_path / name).write_text(NET)
    found = as_typed(f"arch=glob({tmp_path}/net*)", sweep=True)
    assert sorted(values(found)) == [str(tmp_path / "net,2.txt"), str(tmp_path / "net=1.txt")]
    with pytest.raises(UserError, match="nothing matches the pattern"):
        as_typed(f"arch=glob({tmp_path}/none*)", sweep=True)


def test_a_pattern_finds_what_links_lead_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("r1", "r2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "net.txt").write_text(NET)
    for link in ("best", "latest"):
        (tmp_path / link).symlink_to("r2")
    (tmp_path / "all").symlink_to(".")

    def found(pattern: str) -> list[str]:
        return values(as_typed(f"arch=glob({pattern})", sweep=True))

    assert found("[!a]*/net.txt") == ["best/net.txt", "latest/net.txt", "r1/net.txt", "r2/net.txt"]
    assert found("all/r*/net.txt") == ["all/r1/net.txt", "all/r2/net.txt"]
    assert capsys.readouterr().err == ""
    assert found("**/net.txt") == ["best/net.txt", "r1/net.txt", "r2/net.txt"]
    assert capsys.readouterr().err == (
        "glob(**/net.txt): 2 links to folders that are found without them, or that they lie in, are not followed (all)\n"
    )


def test_the_home_folder_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for typed in ("output_dir=~/runs/net", "output_dir='~/runs/net'", "hydra.run.dir=~/runs/net", "resume=~/runs/net"):
        assert values(as_typed(typed, sweep=False)) == [str(tmp_path / "runs" / "net")]
    assert values(as_typed("output_dir=~nobody-of-this-name/x", sweep=False)) == ["~nobody-of-this-name/x"]


@pytest.mark.parametrize("typed", ["arch=null", "arch=${start}", "seed=1,2", "+arch=a,b", "~arch", "-m", "arch"])
def test_what_names_no_path_stays_as_it_is(typed: str) -> None:
    assert as_typed(typed, sweep=True) == typed


@pytest.mark.parametrize("value", ["", "  ", "''", '""', "' '"])
@pytest.mark.parametrize("key", PATH_KEYS)
def test_no_value_is_not_the_working_directory(key: str, value: str) -> None:
    with pytest.raises(UserError, match=f"^{key}=: expected a value; leave {key}= out"):
        as_typed(f"{key}={value}", sweep=False)


def test_nothing_is_begun_without_a_value(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (["resume="], ["task=export", "arch=net.txt", "output_dir="], ["-m", "seed=1,2", "resume="]):
        ended = zen(*command)
        assert (ended.code, "a variable of the shell that was meant may not be set" in ended.err) == (2, True)
    assert not list(tmp_path.iterdir())


def test_a_path_that_looks_like_a_reference_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a${b}").mkdir()
    with pytest.raises(UserError, match="rename it"):
        as_typed(f"arch={tmp_path}/a${{b}}", sweep=False)


@pytest.mark.parametrize("key", ROOTED)
def test_paths_that_a_run_reads_hold_in_any_folder(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pets").mkdir()
    for sweep in (False, True):
        assert values(as_typed(f"{key}=pets", sweep)) == [str(tmp_path / "pets")]
    assert values(as_typed(f"{key}=[pets]", sweep=False)) == [str(tmp_path / "pets")]


def test_patterns_of_images_hold_in_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "a [b]"
    (here / "pets").mkdir(parents=True)
    for name in ("1.png", "2.png"):
        (here / "pets" / name).touch()
    monkeypatch.chdir(here)
    (pattern,) = values(as_typed("images=pets/*.png", sweep=False))
    listed = values(as_typed("images=[pets/1.png,pets/?.png,later.png]", sweep=False))
    rooted = values(as_typed(f"images={tmp_path}/x/*.png", sweep=False))
    monkeypatch.chdir("/")
    assert [path.name for path in find_images(pattern).paths] == ["1.png", "2.png"]
    assert find_images(listed[1]).paths == find_images(pattern).paths
    assert (listed[0], listed[2]) == (str(here / "pets" / "1.png"), str(here / "later.png"))
    assert rooted == [f"{tmp_path}/x/*.png"]


def test_servers_and_names_of_profiles_are_no_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "build-cpu").mkdir()
    (tmp_path / "own.json").touch()
    for typed in ("latency.profile=build-cpu", "latency.without_gpu=build-cpu", "images=null", "beside=null"):
        assert as_typed(typed, sweep=False) == typed
    assert values(as_typed("latency.profile=own.json", sweep=False)) == [str(tmp_path / "own.json")]
    for server in ("http://localhost:5000", "databricks", "sqlite:///runs.db", "mysql+pymysql://me:key@host/runs?ssl=1"):
        assert values(as_typed(f"logger.mlflow.tracking_uri={server}", sweep=False)) == [server]
    assert values(as_typed("logger.mlflow.tracking_uri=mlruns", sweep=False)) == [str(tmp_path / "mlruns")]
    assert values(as_typed("logger.mlflow.tracking_uri=~/ml runs", sweep=False)) == [str(Path.home() / "ml runs")]


def test_each_key_is_one_of_the_configuration() -> None:
    """A key that was renamed would be read by Hydra, which takes the signs in paths for its own."""
    shipped = OmegaConf.load(conf_dir() / "logger" / "mlflow.yaml")
    assert "tracking_uri" in shipped
    package = (conf_dir() / "logger" / "mlflow.yaml").read_text().splitlines()[0].removeprefix("# @package ")
    assert f"{package}.tracking_uri" in PATH_KEYS
