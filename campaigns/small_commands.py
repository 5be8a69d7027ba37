"""The commands that are run with odd values: a small one of every task, that ends in seconds."""

from pathlib import Path

from PIL import Image

SMALL = "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,8,2,8,1)SuperConvK1BNRELU(8,16,1,1)"
_SEARCH = ("budget=params1M", "search.population_size=8", "search.finalists=0")
_TRAIN = (f"arch={SMALL}", "dataset=digits", "recipe.epochs=2", "recipe.warmup_epochs=0", "recipe.batch_size=16",
          "resolution=8", "trainer=cpu", "limit=64")  # fmt: skip
TRAINING = ("task=train", *_TRAIN, "output_dir=trained")
"""The run that others read, one folder up: a training of a tiny network."""

COMMANDS = {
    "search": ("search=zen", "budget=params1M", "search.population_size=8", "search.iterations=100", "search.finalists=2",
               "search.rerank.resolution=16", "search.rerank.batch_size=2", "search.rerank.repeats=1"),
    "search, Monte-Carlo": ("search=zen_monte_carlo", *_SEARCH, "proxy.resolution=16", "proxy.batch_size=2",
                            "search.iterations=12"),
    "search, workers": ("search=naswot", *_SEARCH, "proxy.resolution=16", "proxy.batch_size=2", "workers=2",
                        "search.iterations=12"),
    "search, restarts": ("search=zen", *_SEARCH, "search.restarts=2", "search.iterations=100"),
    "search, exact": ("search=zen", "budget=params1M", "budget.params=30k", "budget.layers=6", "search.optimizer=exact",
                      "search.finalists=0"),
    "search, cells": ("search=naswot", "search_space=nas_bench_201", "budget=nas_bench_201", "search.iterations=10",
                      "search.population_size=4", "search.finalists=0", "proxy.batch_size=2", "proxy.resolution=16"),
    "search, latency": ("search=zen", "budget=latency03ms", "budget.latency_ms=2", "latency.profile=build-cpu",
                        "latency.calibrate=false", "search.population_size=8", "search.finalists=0", "search.iterations=100"),
    "pareto": ("task=pareto", *_SEARCH, "search.iterations=200"),
    "pareto, exact": ("task=pareto", "budget=params1M", "budget.params=10k", "budget.layers=6", "objectives=params",
                      "search.optimizer=exact", "structures=4"),
    "train": ("task=train", *_TRAIN, "trainer.loader_workers=0"),
    "distill": ("task=distill", *_TRAIN, "teacher=checkpoint", "teacher.arch=../trained", "distillation.first_ratio=2",
                "trainer.loader_workers=0"),
    "evaluate": ("task=evaluate", "arch=../trained", "dataset=digits", "trainer=cpu", "trainer.loader_workers=0"),
    "predict": ("task=predict", "arch=../trained", "images=../images", "device=cpu"),
    "export": ("task=export", "arch=../trained", "measure_seconds=0.01"),
    "score": ("task=score", f"arch=[{SMALL},../trained]", "resolution=16", "num_classes=10"),
    "analyze": ("task=analyze", f"arch={SMALL}"),
    "compare": ("task=compare", f"arch=[{SMALL},../net.txt]"),
    "latency": ("task=latency", f"arch={SMALL}", "device=cpu", "latency.measure_seconds=0.01", "resolution=16"),
    "profile": ("task=profile", "output=profile.json", "device=cpu", "latency.threads=1", "latency.batch_size=1",
                "extent.drawn=3", "extent.networks_from=8", "extent.flops=[8e6,2e8]", "extent.fitted=12", "extent.held_out=6",
                "extent.operation_seconds=0.001", "extent.network_seconds=0.005"),
    "correlate": ("task=correlate", "accuracies=../table.csv", "proxies=[params,zen]", "resolution=16", "num_classes=10",
                  "bootstrap=20"),
    "tune": ("task=tune", *_TRAIN, "recipe.epochs=1", "tune.trials=2", "tune.space={recipe.lr:[0.1,0.2]}"),
    "tune, search": ("task=tune", "tune.task=search", "tune.metric=score", "search=zen", *_SEARCH, "search.iterations=50",
                     "tune.space={search.max_tries:{low:8,high:16}}", "tune.trials=2"),
    "aggregate": ("task=aggregate", "sweep=../sweep"),
    "report": ("task=report", "run=../trained"),
    "pipeline": ("task=pipeline", "stages=[{name:a,overrides:['task=analyze','arch=../net.txt']}]"),
    "sweep": ("-m", "search=zen,params", *_SEARCH, "search.iterations=50"),
    "zoo": ("task=zoo",),
}  # fmt: skip
"""A command of each task; the files that they read, one folder up, are made by :func:`make_others` and :data:`TRAINING`."""

SWEEP = ("-m", "search=zen,params", *_SEARCH, "search.iterations=50", "output_dir=sweep")


def make_others() -> None:
    """Leave the images, the table and the structure that the commands read in the present folder."""
    Path("images").mkdir()
    for number in range(3):
        Image.new("RGB", (12, 12), (80 * number, 9, 9)).save(f"images/{number}.png")
    widths = range(8, 72, 4)
    rows = [f'"SuperConvK3BNRELU(3,{width},2,1)SuperConvK1BNRELU({width},32,1,1)",{60 + width / 8}' for width in widths]
    Path("table.csv").write_text("\n".join(["architecture,top1", *rows, ""]))
    Path("net.txt").write_text(SMALL.replace("16", "24") + "\n")
