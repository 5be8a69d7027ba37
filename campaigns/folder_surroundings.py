"""A crafted working directory: modules, plugins, settings and a git repository of somebody else."""

import os
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from folder_crafted import SEARCH, TINY, TRAIN, TUNE, Attack, Crafted, Sound
from folder_payloads import Payloads

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


KINDS: dict[str, Crafted] = {
    "the working directory": (14, surroundings),
}
"""By what is crafted."""
