"""Every parameter of every public function, with odd values: each means something, or a UserError names the parameter."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import zen_lightning as zl
from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.proxy import CannotScoreError
from zen_lightning.training.distillation import Distillation

TINY = "SuperConvK3BNRELU(3,8,2,1)"
SMALL = {"epochs": 1, "limit": 64, "batch_size": 16, "resolution": 8}
QUICK = {"iterations": 3, "population_size": 2}
NAME = "zennet_cifar10_model_size05M_res32"


Calls = dict[str, tuple[Callable[..., Any], dict[str, Any]]]


def calls(folder: Path, teacher: object = None) -> Calls:
    """Return a sound call of every public function: the function, and its arguments."""
    run = str(folder / "run")
    return {
        "analyze": (zl.analyze, {"arch": TINY}),
        "Architecture.parse": (zl.Architecture.parse, {"text": TINY}),
        "Budget": (zl.Budget, {"params": "1M"}),
        "Budget.preset": (zl.Budget.preset, {"name": "params1M"}),
        "build_network": (zl.build_network, {"architecture": zl.Architecture.parse(TINY), "num_classes": 10}),
        "compare": (zl.compare, {"archs": [TINY, TINY.replace("8", "16")]}),
        "correlate": (
            zl.correlate,
            {
                "accuracies": {TINY: 1.0, TINY.replace("8", "16"): 2.0, TINY.replace("8", "24"): 3.0},
                "proxies": "params",
                "bootstrap": 2,
            },
        ),
        "DepthTraining": (zl.DepthTraining, {}),
        "distill": (zl.distill, {"arch": TINY, "teacher": teacher, "distillation": Distillation(first_ratio=2), **SMALL}),
        "evaluate": (zl.evaluate, {"arch": run, "dataset": "digits"}),
        "export": (zl.export, {"arch": run, "folder": folder / "exported", "format": "torch_export"}),
        "latency": (zl.latency, {"arch": TINY, "batch_size": 1, "measure_seconds": 0.001, "resolution": 8}),
        "load": (zl.load, {"arch": run}),
        "load_original_checkpoint": (zl.load_original_checkpoint, {"network": zl.zoo.create(NAME), "path": "x.pth"}),
        "pareto": (zl.pareto, {"budget": "params1M", "iterations": 3}),
        "predict": (zl.predict, {"arch": run, "images": str(folder / "one.png")}),
        "profile": (zl.profile, {"output": folder / "profile.json", "networks": {TINY: 1.0}}),
        "score": (zl.score, {"architecture": TINY}),
        "search": (zl.search, {"budget": "params1M", "finalists": 0, **QUICK}),
        "search_space": (zl.search_space, {"name": "resnet"}),
        "train": (zl.train, {"arch": TINY, "dataset": "digits", **SMALL}),
        "zen_score": (zl.zen_score, {"architecture": TINY}),
        "zoo.checkpoint_path": (zl.zoo.checkpoint_path, {"name": NAME}),
        "zoo.checkpoint_url": (zl.zoo.checkpoint_url, {"name": NAME}),
        "zoo.create": (zl.zoo.create, {"name": NAME}),
        "zoo.download": (zl.zoo.download, {"name": "x"}),
        "zoo.entry": (zl.zoo.entry, {"name": NAME}),
        "zoo.structure": (zl.zoo.structure, {"name": NAME}),
    }


ODD: dict[str, Any] = {
    "text": "x",
    "a device": "cuda:7",
    "number as text": "5",
    "empty": "",
    "null character": "a\0b",
    "half a character": "a\udcff",
    "long": "x" * 5000,
    "home of nobody": "~nobody-of-this-name/x",
    "None": None,
    "True": True,
    "0": 0,
    "-1": -1,
    "0.5": 0.5,
    "nan": float("nan"),
    "inf": float("inf"),
    "1e400": -float("inf"),
    "huge": 10**30,
    "numpy 0": np.int64(0),
    "numpy nan": np.float32("nan"),
    "array": np.zeros((2, 2)),
    "list": [],
    "list of None": [None],
    "nested": [[1]],
    "mapping": {},
    "odd mapping": {"x": None},
    "bytes": b"x",
    "object": object(),
    "class": int,
    "path": Path("nothing/here"),
    "a folder": Path("/proc/sys/fs"),
    "device": Path("/dev/null"),
    "function": len,
}


def parameters(function: Callable[..., Any]) -> Iterator[str]:
    """Yield the parameters of a function that have names."""
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            yield parameter.name


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Calls:
    """Return the calls, after a training."""
    made = tmp_path_factory.mktemp("public")
    Image.new("RGB", (16, 16)).save(made / "one.png")
    return calls(made, zl.train(TINY, "digits", folder=made / "run", **SMALL))


def problem(function: Callable[..., Any], arguments: Mapping[str, Any], name: str, value: Any) -> str | None:
    """Return what is wrong with how a function takes a value; None for nothing."""
    if (value is len or value is int) and "Callable" in str(inspect.signature(function).parameters[name].annotation):
        return None  # Any function fits; what it does is for who wrote it.
    try:
        function(**{**arguments, name: value})
    except zl.ArchitectureError:
        return None  # It shows where in the structure.
    except UserError as error:
        named = {error.key, *error.involves}
        if function is zl.profile and error.key == "networks":
            return None  # One network is too few for a profile, which is said after all values have been taken.
        within = any(key == name or key.startswith(f"{name}.") for key in named)
        return None if within or str(value) in str(error) else f"{name}={value!r:.60}: it names {named}: {error!s:.200}"
    except (MissingExtraError, CannotScoreError):
        return None
    except BaseException as error:
        return f"{name}={value!r:.60}: {type(error).__name__}: {error!s:.200}"
    return None


LONG = {
    ("search", "iterations"),
    ("pareto", "iterations"),
    ("profile", "networks"),
    ("latency", "compile"),
    ("train", "epochs"),
    ("distill", "epochs"),
    ("train", "limit"),
    ("distill", "limit"),
}
"""Where None or True means something that takes minutes: all iterations, a device measured, a compiler, all images."""

ELSEWHERE = {("distill", "distillation"), ("zoo.create", "pretrained"), ("export", "folder")}
"""Where a sentence is about something else: the features of this tiny teacher, a download, a format that fails."""

NAMES = sorted(calls(Path()))


def test_every_public_function_is_walked() -> None:
    public = {name for name in zl.__all__ if name not in ("ArchitectureError", "Score", "zoo", "Architecture")}
    of_zoo = {
        f"zoo.{name}" for name, one in vars(zl.zoo).items() if inspect.isfunction(one) and one.__module__ == zl.zoo.__name__
    }
    public |= {name for name in of_zoo if list(parameters(getattr(zl.zoo, name[4:]))) and "._" not in name}
    assert public <= set(NAMES)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_odd_values_are_refused_by_name(name: str, sound: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    function, arguments = sound[name]
    found = []
    for number, (each, value) in enumerate((each, value) for each in parameters(function) for value in ODD.values()):
        if (name, each) in LONG and (value is None or value is True):
            continue
        place = tmp_path / str(number)  # What one value has left there is not for the next.
        place.mkdir()
        monkeypatch.chdir(place)
        said = problem(function, arguments, each, value)
        found.append(None if (name, each) in ELSEWHERE and "it names" in str(said) else said)
    assert list(filter(None, found)) == []
