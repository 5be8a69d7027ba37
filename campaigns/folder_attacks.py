"""Crafted folders: for each kind of file, what somebody writes into it, and the commands that are then given the folder."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from folder_payloads import PROGRAM_WAYS, SECRET, Payloads

TINY = "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,8,2,8,1)SuperConvK1BNRELU(8,16,1,1)"
TRAIN = ("dataset=digits", "recipe.epochs=1", "recipe.batch_size=16", "limit=32", "resolution=8", "trainer=cpu")
SEARCH = ("search=zen", "budget=params1M", "search.population_size=8", "search.finalists=0", "search.iterations=50")
TUNE = (*("task=tune", "tune.task=search", "tune.metric=score", "budget=params1M", "search.finalists=0"),
        *("search.iterations=50", "tune.space={search.population_size:[8,16]}"))  # fmt: skip

_PLACES = (
    *("proxy", "search.rerank", "task", "search_space", "dataset", "teacher", "recipe", "recipe.optimizer", "trainer.strategy"),
    *("launcher", "logger.csv", "logger", "latency", "budget.own.x", "hydra.launcher", "hydra.sweeper", "hydra.callbacks.x"),
)
_CALLED = (
    *("os.system", "posix.system", "subprocess.call", "builtins.exec", "builtins.eval", "evil.Proxy", "evil.Task", "evil"),
    *("hydra.utils.call", "hydra.utils.instantiate", "importlib.import_module", "theirs.evil.Proxy", "torch.hub.load"),
    *("zen_lightning.runs.provenance.subprocess.call", "zen_lightning.system.own_modules.import_own", "runpy.run_path"),
    *("zen_lightning.search.pool.pickle.loads", "zen_lightning.api.presets.import_module", "zen_lightning.nope.os.system"),
)
_LEFT = ("", "+", "++")
_MODULES = (
    *(
        "sitecustomize",
        "usercustomize",
        "conftest",
        "evil",
        "numpy",
        "torch",
        "pickle",
        "socket",
        "selectors",
        "tempfile",
        "run",
    ),
    *("pydantic", "starlette", "submitit", "cloudpickle", "ray", "grpc", "psutil", "json", "asyncio"),
    *("multiprocessing", "hydra", "omegaconf", "zen_lightning", "matplotlib", "optuna", "timm", "yaml"),
)


class Attack(NamedTuple):
    """A crafted folder.

    Attributes:
        name: what is in it.
        commands: command lines that are given it, in this order, each from the working directory that holds it.
        inside: whether the folder itself is the working directory.
    """

    name: str
    commands: list[list[str]]
    inside: bool = False


class Sound(NamedTuple):
    """Folders and files that this project made, which crafted ones begin as copies of."""

    train: Path
    search: Path
    tune: Path
    program: Path


def _take_checksums(folder: Path) -> None:
    for place in list(folder.rglob(".sha256")):
        shutil.rmtree(place)


def overrides(draw: Any, payloads: Payloads, theirs: Path) -> list[str]:
    """Return overrides of a record, one of which would run something."""
    beside = f"{theirs.parent.name}.theirs.evil.Proxy"  # Importable where the working directory is below a checkout.
    called, place, sign = (draw(st.sampled_from(some)) for some in ((*_CALLED, beside), _PLACES, _LEFT))
    touch = payloads.shell
    kinds: list[list[str]] = [
        [f"{sign}{place}._target_={called}", f"+{place}.command='{touch}'", f"+{place}.args=['{touch}']"],
        [f"{place}={{_target_:{called},command:'{touch}',name:evil}}"],
        [f"proxies=[zen,{{_target_:{called},command:'{touch}'}}]"],
        [f"stages=[{{name:a,overrides:['{place}._target_={called}','+{place}.command={touch}']}}]"],
        ["stages=[{name:a,overrides:['imports=evil']}]"],
        [f"tune.space={{{place}._target_:[{called},zen]}}"],
        [f"tune.overrides=['{place}._target_={called}']"],
        ["imports=evil"],
        ["imports=[theirs.evil]"],
        ["trust=."],
        [f"{draw(st.sampled_from(['hydra.searchpath', 'hydra.job_logging', 'hydra.output_subdir', 'hydra.job.chdir']))}=[.]"],
        ["--config-dir=theirs"],
        ["--config-path=theirs", "--config-name=config"],
        ["experiment=../theirs/evil"],
        [f"{draw(st.sampled_from(['proxy', 'logger', 'task', 'recipe', 'launcher']))}=../../theirs/evil"],
        [f"launcher.parameters={{slurm_setup:['{touch}']}}"],
        [f"arch='${{oc.env:{SECRET}}}'"],
        [f"dataset.root=${{oc.env:{SECRET}}}"],
        [f"logger.csv.name='${{oc.decode:${{oc.env:{SECRET}}}}}'"],
        [f"logger.mlflow.tracking_uri=file:///{SECRET}", "logger.wandb.entity=evil"],
        ["output_dir=/tmp/elsewhere"],
        [f"task.run={called}"],
        ["~proxy.resolution", "~proxy.gamma", f"proxy._target_={called}"],
        [f"arch=pipe:{touch}", f"dataset.root='pipe:{touch}'"],
        ["teacher=timm", "teacher.model=local-dir:theirs"],
    ]
    task = draw(st.sampled_from(["search", "train", "pareto", "score", "tune", "pipeline", "correlate", "distill", "export"]))
    return [f"task={task}", "search=zen", "budget=params1M", *draw(st.sampled_from(kinds))]


def records(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make a command.json, a sweep.json, or both."""
    asked = overrides(draw, payloads, theirs)
    (theirs / "evil.py").write_text(payloads.module())
    (theirs / "evil.yaml").write_text("# @package _global_\nproxy:\n  _target_: evil.Proxy\n")
    which = draw(st.sampled_from(["command.json", "sweep.json", "a stage"]))
    if which == "sweep.json":
        (theirs / "sweep.json").write_text(
            json.dumps({"command": ["-m", "seed=1,2", *asked], "jobs": [], "directory": "theirs"})
        )
    elif which == "command.json":
        (theirs / "command.json").write_text(json.dumps({"overrides": asked, "asked": asked}))
    else:
        (theirs / "command.json").write_text(json.dumps({"overrides": ["experiment=quickstart", "trainer=cpu"]}))
        (theirs / "stages.json").write_text(json.dumps({"stages": {"search": asked}, "search": asked}))
        (theirs / "search").mkdir()
        (theirs / "search" / "command.json").write_text(json.dumps({"overrides": asked}))
        return Attack(f"{which}: {asked}", [["resume=theirs/search"], ["resume=theirs", "task=validate"]])
    auto = [*SEARCH, "output_dir=theirs", "resume=auto"]
    return Attack(f"{which}: {asked}", [["resume=theirs", "task=validate"], ["resume=theirs"], auto])


def settings_of_run(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make a whole run whose YAML, result or tables say more than they should."""
    shutil.copytree(draw(st.sampled_from([sound.train, sound.search])), theirs, dirs_exist_ok=True)
    _take_checksums(theirs)
    text = draw(st.sampled_from([
        f"!!python/object/apply:os.system ['{payloads.shell}']", f"{{_target_: os.system, command: '{payloads.shell}'}}",
        f"${{oc.env:{SECRET}}}", f"${{oc.decode:${{oc.env:{SECRET}}}}}", "evil.Proxy", "<script>zl()</script>",
        f"=cmd|'/c {payloads.shell}'!A1", "!!python/name:evil.Proxy", f"$({payloads.shell})",
    ]))  # fmt: skip
    which = draw(st.sampled_from(["config.yaml", "hydra.yaml", "result.json", "history.csv", "best_structure.txt"]))
    path = next(iter(theirs.rglob(which)), theirs / which)
    content = path.read_text() if path.exists() else "x: 1\n"
    if which.endswith(".yaml"):
        lines = content.splitlines()
        at = draw(st.integers(0, len(lines) - 1))
        lines[at] = f"{lines[at].partition(':')[0]}: {text}"
        path.write_text("\n".join(lines) + "\n")
    elif which == "result.json":
        result = json.loads(content)
        result.pop("sha256", None)
        result[draw(st.sampled_from(sorted(result)))] = text
        path.write_text(json.dumps(result))
    else:
        path.write_text(content.replace(content[: content.index("\n")].rpartition(",")[2], text, 1))
    (theirs / "evil.py").write_text(payloads.module())
    commands = [
        ["task=report", "run=theirs"],
        ["task=compare", f"arch=[theirs,{TINY!r}]"],
        ["task=aggregate", "sweep=."],
        ["task=evaluate", "arch=theirs", "trainer=cpu"],
        ["resume=theirs"],
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(commands))), min_size=2, max_size=3, unique=True))
    return Attack(f"{which}: {text}", [commands[number] for number in chosen])


def pickles(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make checkpoints and weights whose reading would run something, for every key that takes one."""
    content = payloads.pickled(draw(st.integers(0, 7)))
    name = draw(st.sampled_from(["x.pth", "x.pt", "x.ckpt", "x.safetensors", "x.bin", "weights.safetensors"]))
    (theirs / name).write_bytes(content)
    file = f"theirs/{name}"
    shutil.copytree(sound.train, theirs / "run")
    _take_checksums(theirs)
    (theirs / "run" / "result.json").unlink()
    for path in (*(theirs / "run" / "checkpoints").iterdir(), theirs / "run" / "weights.safetensors"):
        path.write_bytes(content)
    (theirs / "config.json").write_text(json.dumps({"architecture": "resnet10t", "num_classes": 10}))
    (theirs / "pytorch_model.bin").write_bytes(content)
    (theirs / "model.safetensors").write_bytes(content)
    timm = ["task=distill", f"arch={TINY}", *TRAIN, "teacher=timm", "teacher.image_size=32"]
    commands = [
        ["task=evaluate", f"arch={TINY}", f"weights={file}", "dataset=digits", "trainer=cpu"],
        ["task=evaluate", f"arch={file}", "dataset=digits", "trainer=cpu"],
        ["task=export", f"arch={TINY}", f"weights={file}"],
        ["task=predict", f"arch={file}", f"images={file}"],
        ["task=train", f"arch={TINY}", f"start={file}", f"weights={file}", *TRAIN],
        ["task=distill", f"arch={TINY}", *TRAIN, "teacher=checkpoint", f"teacher.arch={file}"],
        [*timm, "teacher.model=resnet10t", f"teacher.checkpoint={file}"],
        [*timm, "teacher.model=local-dir:theirs"],
        ["task=evaluate", "arch=theirs/run", "dataset=digits", "trainer=cpu"],
        ["resume=theirs/run"],
        ["task=latency", f"arch={file}", "device=cpu"],
        ["task=analyze", f"arch={file}"],
        ["task=compare", f"arch=[{file},theirs/run]"],
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(commands))), min_size=2, max_size=3, unique=True))
    return Attack(f"pickle as {name}", [commands[number] for number in chosen])


def programs(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make exported files: programs of PyTorch, ONNX with data elsewhere, OpenVINO."""
    how = draw(st.integers(0, PROGRAM_WAYS + 1))
    if how == PROGRAM_WAYS:
        import onnx

        secret = onnx.helper.make_tensor("w", onnx.TensorProto.FLOAT, [1], [0.0])
        secret.ClearField("float_data")
        secret.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", "../../../../../../etc/hostname"), ("length", "4")):
            secret.external_data.add(key=key, value=value)
        value = onnx.helper.make_tensor_value_info("images", onnx.TensorProto.FLOAT, [1])
        node = onnx.helper.make_node("Evil", ["images", "w"], ["logits"], domain=payloads.shell)
        out = onnx.helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, [1])
        model = onnx.helper.make_model(onnx.helper.make_graph([node], "g", [value], [out], [secret]))
        (theirs / "x.onnx").write_bytes(model.SerializeToString())
        file = "theirs/x.onnx"
    elif how == PROGRAM_WAYS + 1:
        entity = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
        xml = f'<?xml version="1.0"?>{entity}<net name="&e;" version="11"><layers/></net>'
        (theirs / "x.xml").write_text(xml)
        file = "theirs/x.xml"
    else:
        (theirs / "x.pt2").write_bytes(payloads.program(sound.program.read_bytes(), how))
        file = "theirs/x.pt2"
    (theirs / "x.png").write_bytes(payloads.postscript())
    return Attack(
        f"{file}, way {how}",
        [
            ["task=evaluate", f"arch={file}", "dataset=digits", "trainer=cpu"],
            ["task=predict", f"arch={file}", "images=theirs/x.png", "trainer=cpu"],
            ["task=evaluate", f"arch={file}", "dataset=digits", "task=validate"],
        ],
    )


def texts(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make structures, tables, profiles, calibrations and headers that hold code where a text or a number belongs."""
    text = draw(st.sampled_from([
        payloads.expression, f"${{oc.env:{SECRET}}}", f"$({payloads.shell})", f"`{payloads.shell}`", f"; {payloads.shell}",
        f"pipe:{payloads.shell}", "evil:Proxy", "torchvision:os.system", "timm:local-dir:theirs", "timm:hf-hub:evil/evil",
        f"[{{'class': 'SuperResK3K3', 'x': {payloads.expression}}}]", "<script>zl()</script>", f"=cmd|'{payloads.shell}'!A0",
        f"{TINY}<script>zl()</script>", f"{{_target_: os.system, command: '{payloads.shell}'}}",
        f"{{{{ {payloads.expression} }}}}",
    ]))  # fmt: skip
    (theirs / "x.txt").write_text(f"{text}\n")
    (theirs / "best_structure.txt").write_text(f"{text}\n")
    rows = "\n".join(f'"{text.replace(chr(34), "")}",{number}' for number in (70, 71, 72))
    (theirs / "x.csv").write_text(f"architecture,top1\n{rows}\n")
    (theirs / "times.csv").write_text(f"architecture,ms\n{rows}\n")
    (theirs / "x.json").write_text(json.dumps({"zen_lightning_latency_profile": 1, "_target_": "os.system", "settings": text}))
    (theirs / "x.safetensors").write_bytes(payloads.safetensors({"architecture": text, "classes": text, "num_classes": text}))
    (theirs / "x.yaml").write_text(f"x: !!python/object/apply:os.system ['{payloads.shell}']\n")
    commands = [
        *([f"task={task}", "arch=theirs/x.txt"] for task in ("analyze", "score", "latency")),
        ["task=analyze", "arch=theirs"],
        ["task=train", "arch=theirs/x.txt", *TRAIN],
        [*SEARCH, "start=theirs/x.txt"],
        ["task=correlate", "accuracies=theirs/x.csv", "proxies=[params,flops]", "resolution=32"],
        ["task=profile", "networks=theirs/times.csv", "output=mine.json", "device=phone"],
        [*SEARCH, "budget.latency_ms=2", "latency.profile=theirs/x.json"],
        ["task=evaluate", "arch=theirs/x.safetensors", "dataset=digits", "trainer=cpu"],
        ["task=export", "arch=theirs/x.safetensors"],
        ["task=compare", "arch=[theirs/x.txt,theirs/x.safetensors]"],
        ["task=aggregate", "sweep=theirs"],
        ["task=report", "run=theirs"],
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(commands))), min_size=3, max_size=4, unique=True))
    return Attack(f"text {text}", [commands[number] for number in chosen])


def studies(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make a tuning whose journal draws values that were not asked for."""
    shutil.copytree(sound.tune, theirs, dirs_exist_ok=True)
    _take_checksums(theirs)
    journal = theirs / "journal" / "study.log"
    wanted = draw(st.sampled_from([*_CALLED, f"${{oc.env:{SECRET}}}", f"8 +proxy.command='{payloads.shell}'"]))
    lines = journal.read_text().splitlines()
    changed = [line.replace("search.population_size", draw(st.sampled_from(["proxy._target_", "imports"]))) for line in lines]
    changed = [line.rpartition("}")[0] + "}" for line in changed]  # Without the checksums.
    journal.write_text(
        "\n".join(changed).replace('"param_value_internal": ', f'"param_value_internal": "{wanted}", "was": ') + "\n"
    )
    (theirs / "result.json").unlink(missing_ok=True)
    return Attack(f"study with {wanted}", [["resume=theirs"], ["resume=theirs", "tune.trials=4", "task=validate"]])


def datasets(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make datasets: pickled arrays, PostScript under the name of an image, archives with members elsewhere, odd names."""
    pickled = payloads.pickled(draw(st.integers(0, 7)))
    array = np.empty(1, object)
    np.save(theirs / "array.npy", array, allow_pickle=True)
    contents = [pickled, payloads.postscript(), (theirs / "array.npy").read_bytes()]
    suffix = draw(st.sampled_from(["png", "jpg", "eps", "npy", "npz", "pkl", "webp", "tiff"]))
    odd = draw(
        st.sampled_from(["a", f"$({payloads.shell.replace('/', '_')})", "<script>zl()</script>".replace("/", "_"), "-rf"])
    )
    for part in ("train", "val"):
        for name in ("cat", odd):
            (theirs / part / name).mkdir(parents=True, exist_ok=True)
            for number, content in enumerate(contents):
                (theirs / part / name / f"{number}.{suffix}").write_bytes(content)
                (theirs / part / name / f"{number}.png").write_bytes(payloads.postscript())
        shard = payloads.tar(draw(st.sampled_from(["pyd", "pth", "pkl", "npy", "pickle"])), pickled)
        (theirs / f"{part}-000000.tar").write_bytes(shard)
    for folder, names in (
        ("cifar-10-batches-py", ("data_batch_1", "test_batch", "batches.meta")),
        ("cifar-100-python", ("train",)),
    ):
        (theirs / folder).mkdir()
        for name in names:
            (theirs / folder / name).write_bytes(pickled)
    commands = [
        ["task=train", f"arch={TINY}", *TRAIN[1:], "dataset=image_folder", "dataset.root=theirs", "dataset.corrupt=skip"],
        ["task=train", f"arch={TINY}", *TRAIN[1:], "dataset=image_folder", "dataset.root=theirs"],
        ["task=train", f"arch={TINY}", *TRAIN[1:], "dataset=cifar10", "dataset.root=theirs", "dataset.download=false"],
        ["task=train", f"arch={TINY}", *TRAIN[1:], "dataset=cifar100", "dataset.root=theirs", "dataset.download=false"],
        ["task=train", f"arch={TINY}", *TRAIN[1:], "dataset=webdataset", "dataset.root=theirs"],
        ["task=predict", f"arch={sound.train}", "images=theirs/train/cat"],
        ["task=score", f"arch={TINY}", "proxy=naswot", "dataset=image_folder", "dataset.root=theirs/train", "resolution=8"],
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(commands))), min_size=2, max_size=3, unique=True))
    return Attack(f"dataset of .{suffix}", [commands[number] for number in chosen])


def surroundings(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make a working directory with modules, plugins, settings and a git repository of somebody else's."""
    for name in _MODULES:
        (theirs / f"{name}.py").write_text(payloads.bare_module())
    (theirs / "hydra_plugins").mkdir()
    (theirs / "hydra_plugins" / "evil.py").write_text(payloads.bare_module())
    (theirs / "evil-1.0.dist-info").mkdir()
    (theirs / "evil-1.0.dist-info" / "entry_points.txt").write_text(
        "[torch.backends]\nx = evil:load\n[mlflow.plugin]\nx = evil:y\n"
    )
    (theirs / "evil.pth").write_text(f"import os; {payloads.python}\n")
    (theirs / "matplotlibrc").write_text("backend: module://evil\ntext.usetex: True\n")
    (theirs / ".netrc").write_text("machine example.invalid login x password y\n")
    (theirs / ".env").write_text(f"PYTHONSTARTUP={theirs}/evil.py\nPYTHONPATH={theirs}\n")
    (theirs / "conf" / "local").mkdir(parents=True)
    (theirs / "conf" / "local" / "default.yaml").write_text("# @package _global_\nimports: evil\n")
    (theirs / "conf" / "config.yaml").write_text("imports: evil\nproxy:\n  _target_: evil.Proxy\n")
    (theirs / "profiles").mkdir()
    (theirs / "profiles" / "x.json").write_text('{"_target_": "evil.Proxy"}')
    os.system(f"git init -q {theirs} 2>/dev/null")
    (theirs / ".git" / "config").write_text(
        f'[core]\n\tfsmonitor = "{payloads.shell}"\n\tpager = "{payloads.shell}"\n\tsshCommand = "{payloads.shell}"\n'
        f'[diff]\n\texternal = "{payloads.shell}"\n[alias]\n\tstatus = "!{payloads.shell}"\n'
    )
    commands: list[list[str]] = [
        [*SEARCH, "output_dir=o1"],
        ["search=naswot", *SEARCH[1:4], "search.iterations=8", "proxy.resolution=8", "proxy.batch_size=2", "workers=2"],
        ["search=zen", *SEARCH[1:4], "search.iterations=3000", "search.restarts=2", "search.processes=2"],
        ["-m", *SEARCH, "seed=0,1", "output_dir=o2"],
        [*TUNE, "tune.trials=1"],
        ["-m", *SEARCH, "seed=0,1", "launcher=slurm_local", "output_dir=o8"],
        ["-m", *SEARCH, "seed=0,1", "launcher=ray", "output_dir=o9"],
        ["search=naswot", *SEARCH[1:4], "search.iterations=8", "proxy.resolution=8", "proxy.batch_size=2", "workers=ray"],
        ["task=train", f"arch={TINY}", *TRAIN, "trainer.loader_workers=1", "output_dir=o3"],
        ["task=train", f"arch={TINY}", *TRAIN[:-1], "trainer=ddp_cpu", "output_dir=o4"],
        ["task=train", f"arch={TINY}", *TRAIN, "logger=mlflow", "output_dir=o5"],
        ["task=train", f"arch={TINY}", *TRAIN, "logger=wandb", "output_dir=o6"],
        ["task=export", f"arch={TINY}", "random_weights=true", "resolution=16", "num_classes=10"],
        ["task=pareto", "budget=params1M", "search.population_size=8", "search.finalists=0", "search.iterations=50"],
        ["experiment=quickstart", "budget.params=10k", "search.iterations=50", "search.finalists=0", "recipe.epochs=1",
         "limit=64", "trainer=cpu", f"start={TINY}"],
        ["-m", *SEARCH, "seed=0,1", "launcher=joblib", "launcher.jobs=2", "output_dir=o7"],
    ]  # fmt: skip
    chosen = draw(st.sampled_from(range(len(commands))))
    return Attack(f"working directory, {commands[chosen][:2]}", [commands[chosen]], inside=True)


KINDS: dict[str, tuple[int, Callable[[Any, Path, Payloads, Sound], Attack]]] = {
    "records of commands and sweeps": (60, records),
    "YAML, results and tables of a run": (25, settings_of_run),
    "pickles as weights and checkpoints": (30, pickles),
    "exported programs": (20, programs),
    "structures, tables, profiles, headers": (30, texts),
    "journals of a tuning": (8, studies),
    "datasets and archives": (17, datasets),
    "the working directory": (14, surroundings),
}
"""By what is crafted: how often of 204, and what makes it."""
