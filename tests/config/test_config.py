"""What configurations bring, and how they go together; that all compose is tested in test_shipped_configs."""

from pathlib import Path

import pytest
from hydra.utils import get_object
from omegaconf import OmegaConf

from command_line import composed
from zen_lightning.arch import ArchitectureError
from zen_lightning.budget import Budget, Limit
from zen_lightning.config import build, conf_dir, sanitize
from zen_lightning.config.build import target_of
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import Proxy
from zen_lightning.runs.command import Command
from zen_lightning.space import ResNetSpace
from zen_lightning.tasks.search.limits import read_budget
from zen_lightning.tasks.search.setup import search_setup

BUDGETS = sorted(path.stem for path in (conf_dir() / "budget").glob("*.yaml"))
SEARCHES = sorted(path.stem for path in (conf_dir() / "search").glob("*.yaml"))
PROXIES = sorted(path.stem for path in (conf_dir() / "proxy").glob("*.yaml"))

# (limits, space, resolution, classes), as spec'd for the original's scripts.
PRESETS = {
    "params1M": ({"layers": 18, "params": 1_000_000}, "resnet", 32, 100),
    "params2M": ({"layers": 20, "params": 2_000_000}, "resnet", 32, 100),
    "flops400M": ({"layers": 14, "flops": 400_000_000}, "mobilenet", 224, 1000),
    "flops600M": ({"layers": 14, "flops": 600_000_000}, "mobilenet", 224, 1000),
    "flops800M": ({"layers": 16, "flops": 800_000_000}, "mobilenet", 224, 1000),
    "latency01ms": ({"layers": 10, "latency_ms": 0.1}, "resnet", 224, 1000),
    "latency02ms": ({"layers": 13, "latency_ms": 0.2}, "resnet", 224, 1000),
    "latency03ms": ({"layers": 16, "latency_ms": 0.3}, "resnet", 224, 1000),
    "latency05ms": ({"layers": 20, "latency_ms": 0.5}, "resnet", 224, 1000),
    "latency08ms": ({"layers": 25, "latency_ms": 0.8}, "resnet", 224, 1000),
    "latency12ms": ({"layers": 30, "latency_ms": 1.2}, "resnet", 224, 1000),
    "nas_bench_201": ({}, "nas_bench_201", 32, 10),
    "accel_nasbench": ({"flops": 400_000_000}, "accel_nasbench", 224, 1000),
    "nas_bench_macro": ({}, "nas_bench_macro", 32, 10),
    "transnas_macro": ({}, "transnas_macro", 256, 63),
}
SMALL = {
    "nas_bench_201": (1_000, 64),
    "nas_bench_macro": (1_000, 64),
    "transnas_macro": (1_000, 64),
    "accel_nasbench": (20_000, 512),
}


@pytest.mark.parametrize("name", [name for name in BUDGETS if name != "custom"])
@pytest.mark.parametrize("search", ["zen", pytest.param("zen_monte_carlo", marks=pytest.mark.long)])
def test_budgets_bring_their_space_resolution_and_start(name: str, search: str) -> None:
    config = composed(f"search={search}", f"budget={name}")
    setup = search_setup(config)
    limits, space, resolution, classes = PRESETS[name]
    assert {limit.name: limit.maximum for limit in setup.budget.limits} == limits
    assert (setup.space.name, config.resolution, config.num_classes) == (space, resolution, classes)
    assert (setup.iterations, setup.population_size) == SMALL.get(name, (480_000, 512))
    light = Budget([limit for limit in setup.budget.limits if limit.name != "latency_ms"])
    assert light.violated(setup.start) is None
    assert setup.space.choices(setup.start, 1)
    assert setup.proxy.name == "zen"
    assert OmegaConf.select(config, "proxy.resolution") == resolution


@pytest.mark.parametrize("space", ["mbconv", "nas_bench_201", "accel_nasbench", "nas_bench_macro", "transnas_macro"])
def test_a_space_with_a_language_of_its_own_brings_its_start_under_any_budget(space: str) -> None:
    setup = search_setup(composed(f"search_space={space}", "budget=flops400M"))
    assert setup.space.name == space
    assert str(setup.start) == setup.space.start
    assert setup.identity["start"] == setup.space.start


def test_a_start_in_another_language_is_refused_where_the_space_has_none() -> None:
    with pytest.raises(ArchitectureError, match=r"a known name|name of a super-block"):
        search_setup(composed("search_space=mobilenet", "budget=nas_bench_201"))


@pytest.mark.parametrize("name", PROXIES)
def test_every_search_brings_the_proxy_of_its_name_on_params1m(name: str) -> None:
    config = composed(f"search={name}", "budget=params1M")
    setup = search_setup(config)
    assert config.search.name == name
    assert setup.proxy.name == name.removesuffix("_monte_carlo")
    assert (setup.iterations, setup.population_size) == (480_000, 512)
    assert getattr(setup.proxy, "images", None) is None


def test_every_proxy_has_a_search() -> None:
    assert sorted([*PROXIES, "evolution"]) == SEARCHES


def test_images_reach_the_proxies_that_take_them(tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "one.png").touch()
    config = composed("search=zico", "budget=params1M", "dataset=image_folder", f"dataset.root={tmp_path}")
    assert build(config.proxy, "proxy", Proxy).images == str(tmp_path)


def test_every_budget_of_the_presets_is_shipped() -> None:
    assert sorted(PRESETS) == [name for name in BUDGETS if name != "custom"]


@pytest.mark.parametrize(("resolution", "space"), [(32, "resnet"), (96, "resnet"), (128, "mobilenet"), (224, "mobilenet")])
def test_an_own_budget_has_the_space_of_its_resolution(resolution: int, space: str) -> None:
    setup = search_setup(composed("budget=custom", "budget.flops=90M", f"resolution={resolution}", "num_classes=3"))
    assert setup.space.name == space
    assert [limit.name for limit in setup.budget.limits] == ["layers", "flops"]
    assert setup.budget.violated(setup.start) is None
    named = search_setup(composed("budget=custom", "search_space=mbconv", "budget.flops=90M", f"resolution={resolution}"))
    assert named.space.name == "mbconv"


@pytest.mark.parametrize("group", ["proxy", "search_space"])
def test_parts_are_called_as_their_files_are(group: str) -> None:
    for path in (conf_dir() / group).glob("*.yaml"):
        node = OmegaConf.load(path)
        if path.stem == "auto":  # It names one of the others.
            continue
        assert get_object(node._target_).name == path.stem.removesuffix("_monte_carlo")


def test_the_command_line_overrides_what_a_budget_brings() -> None:
    config = composed("budget=flops600M", "search_space=resnet", "resolution=64", "budget.params=2M", "budget.layers=null")
    setup = search_setup(config)
    assert isinstance(setup.space, ResNetSpace)
    assert {limit.name: limit.maximum for limit in setup.budget.limits} == {"params": 2_000_000, "flops": 600_000_000}
    assert config.proxy.resolution == 64


def test_searches_choose_their_proxies() -> None:
    assert type(build(composed("search=zen").proxy, "proxy", Proxy)).__name__ == "ZenClosedForm"
    rerank = composed("search=zen", "proxy.bn_variance=batch").search.rerank
    second = build(rerank, "search.rerank", Proxy)
    assert (type(second).__name__, second.bn_variance, second.batch_size) == ("ZenMonteCarlo", "batch", 16)
    released = composed("search=zen_monte_carlo")
    assert (released.proxy.batch_size, released.search.rerank) == (64, None)


def test_counts_may_be_written_as_people_do() -> None:
    for written in ("600M", "600e6", "600000000", "0.6G"):
        limits = read_budget(composed("budget=flops600M", f"budget.flops={written}"), Command()).limits
        assert limits[1].maximum == 600_000_000


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ({}, "x has no _target_"),
        ({"_target_": "zen_lightning.nowhere.Thing"}, "cannot be imported"),
        ({"_target_": "os.system", "command": "exit"}, "x._target_=os.system: system is not a Limit; expected a class derived"),
        ({"_target_": "zen_lightning.system.files.os.system"}, "system is not a Limit"),
        ({"_target_": "zen_lightning.system.files.write_text", "path": "x", "text": "y"}, "write_text is not a Limit"),
        ({"_target_": "zen_lightning.proxy.naswot.NasWot"}, "NasWot is not a Limit"),
        ({"_target_": "zen_lightning.budget.counted.LayersLimit"}, "x.maximum is missing: LayersLimit needs it"),
        (
            {"_target_": "zen_lightning.budget.counted.LayersLimit", "maximun": 3},
            "unknown key x.maximun; did you mean 'maximum'",
        ),
    ],
)
def test_nodes_that_cannot_be_built(node: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        build(node, "x", Limit)


def test_folder_names_hold_no_special_characters() -> None:
    assert sanitize("budget=params1M,start='A(3,8)/x',seed=1") == "budget=params1M_start=A_3_8_x_seed=1"
    assert len(sanitize("x" * 500)) == 120


def test_the_configuration_is_found_in_a_checkout() -> None:
    assert conf_dir() == Path(__file__).resolve().parents[2] / "conf"


def test_a_library_that_does_not_fit_into_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under ``ulimit -v``: the loader says which library, Hydra around it the name of the class; neither is at fault."""
    reason = ImportError("libtorch.so: failed to map segment from shared object")

    def get_object(name: str) -> None:
        raise ImportError(f"Error loading '{name}':\n...") from reason

    monkeypatch.setitem(target_of.__globals__, "get_object", get_object)
    with pytest.raises(UserError, match=r"^the memory that this process may have is used up: .*ulimit -v") as caught:
        target_of({"_target_": "zen_lightning.tasks.training.train.Train"}, "task", object)
    assert "\n" not in str(caught.value)
