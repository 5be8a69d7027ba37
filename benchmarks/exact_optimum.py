"""``search.optimizer=exact``: optimum, bound and time for each FLOPs and params preset, against golden/optima.json.

    python benchmarks/exact_optimum.py                    all presets, the search alone
    python benchmarks/exact_optimum.py flops600M          some of them
    python benchmarks/exact_optimum.py --repeats 5        each preset five times, of which the median time counts
    python benchmarks/exact_optimum.py --start-to-end     also flops600M from start to end, as often
    python benchmarks/exact_optimum.py --random 100000    how many random networks within 600M FLOPs beat the optimum
    python benchmarks/exact_optimum.py --score zen_calibrated --evolution 3 flops600M
                                                          by the calibrated score, and what evolution finds with three seeds
    python benchmarks/exact_optimum.py --score deepmad --minutes 3 flops600M
                                                          by DeepMAD's score, ended after so many minutes
    python benchmarks/exact_optimum.py --profile v100-tensorrt-fp16 --evolution 1 latency03ms
                                                          under the latency that a profile predicts

Run it with OMP_NUM_THREADS=1 for the time on one core.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import yaml

from common import GOLDEN, ROOT, header, row
from zen_lightning.arch import Architecture
from zen_lightning.budget import Budget, FlopsLimit, LayersLimit, Limit, ParamsLimit, parse_count
from zen_lightning.latency.predicted_limit import PredictedLatencyLimit
from zen_lightning.latency.predictor import LatencyPredictor
from zen_lightning.latency.profile import find_profile
from zen_lightning.proxy.base import Proxy
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.deepmad import DeepMad
from zen_lightning.proxy.zen_calibrated import ZenCalibrated
from zen_lightning.search.exact.request import request_of
from zen_lightning.search.exact.solution import Solution
from zen_lightning.search.exact.solve import solve
from zen_lightning.search.run import SearchSetup
from zen_lightning.search.time_limit import seconds_of, time_limit
from zen_lightning.space import search_space

DEFAULT_PROFILE = "v100-tensorrt-fp16"
PRESETS = ("flops400M", "flops600M", "flops800M", "params1M", "params2M")
TARGETS = {"flops600M": (100.2286, 100.29, 3.0), "params1M": (131.51, 131.60, 30.0)}


SCORES: dict[str, Callable[[int], Proxy]] = {
    "zen": ZenClosedForm,
    "zen_calibrated": ZenCalibrated,
    "deepmad": DeepMad,
    "deepmad_of_any_rho": partial(DeepMad, rho=None),
}


def setup_of(preset: str, score: str = "zen", profile: str = DEFAULT_PROFILE) -> tuple[SearchSetup, int]:
    values = yaml.safe_load((ROOT / "conf" / "budget" / f"{preset}.yaml").read_text())
    resolution, classes, limits = values["resolution"], values["num_classes"], values["budget"]
    found: list[Limit] = [LayersLimit(limits["layers"])]
    if "flops" in limits:
        found.append(FlopsLimit(parse_count(limits["flops"], "flops"), resolution, classes))
    if "params" in limits:
        found.append(ParamsLimit(parse_count(limits["params"], "params"), classes))
    if "latency_ms" in limits:
        predictor = LatencyPredictor(find_profile(profile))
        found.append(PredictedLatencyLimit(limits["latency_ms"], predictor, resolution, classes))
    space = search_space("mobilenet" if "flops" in limits else "resnet")
    return SearchSetup(space, SCORES[score](resolution), Budget(found), Architecture.parse(values["start"])), resolution


def optimum(preset: str, repeats: int, of_score: str, profile: str, minutes: float | None) -> tuple[SearchSetup, Solution]:
    setup, resolution = setup_of(preset, of_score, profile)
    walls, cpus = [], []
    for _ in range(repeats):
        began, cpu = time.perf_counter(), time.process_time()
        request = request_of(setup, resolution)
        with time_limit(seconds_of(minutes)):
            solution = solve(request.chain, request.costs, request.score, structures=8, notify=lambda step: print(" ", *step))
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - cpu)
    wall, cpu = statistics.median(walls), statistics.median(cpus)
    best = solution.networks[0].architecture
    assert setup.budget.violated(best) is None
    score = setup.proxy.score(best).value
    proved = solution.bound - score
    most = 0.001 * score if of_score.startswith("deepmad") else 0.1
    row(f"{preset}: gap", f"{score:.6f}, bound {solution.bound:.6f}, {proved:.1e}", f"at most {most:.3g}", proved <= most)
    costs = ", ".join(limit.text(limit.measure(best)) for limit in setup.budget.limits)
    print(f"  {costs}")
    print(f"  {wall:.2f} s ({cpu:.2f} s of CPU; {' '.join(f'{each:.2f}' for each in walls)})")
    print(f"  by prices alone {solution.dual_bound:.4f}; widths up to {solution.widest}; {solution.labels:,} partial networks")
    print(f"  {best}", flush=True)
    if preset in TARGETS and of_score == "zen":
        least, most, seconds = TARGETS[preset]
        row(f"{preset}: closed form", f"{score:.4f}", f"at least {least}", score >= least - 5e-5)
        row(f"{preset}: bound", f"{solution.dual_bound:.4f} by prices alone", f"at most {most}", solution.dual_bound <= most)
        row(f"{preset}: the search", f"{wall:.1f} s ({cpu:.1f} s of CPU)", f"under {seconds:.0f} s", wall < seconds)
    return setup, solution


def against_golden() -> None:
    path = GOLDEN / "optima.json"
    if not path.is_file():
        return
    for known in json.loads(path.read_text()):
        if "structure" in known:
            arch = Architecture.parse(known["structure"])
            score = ZenClosedForm(known["resolution"]).score(arch).value
            print(f"  golden {known['space']}: {score:.6f} by this closed form, {known['best']} as given", flush=True)


def start_to_end(repeats: int) -> None:
    walls = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(repeats):
            command = [sys.executable, "run.py", "search=zen", "budget=flops600M", "search.optimizer=exact"]
            began = time.perf_counter()
            subprocess.run([*command, f"output_dir={folder}/run{number}"], cwd=ROOT, check=True, capture_output=True)
            walls.append(time.perf_counter() - began)
        result = json.loads((Path(folder) / "run0" / "result.json").read_text())
    wall = statistics.median(walls)
    row("flops600M start to end, 8 finalists by Monte-Carlo", f"{wall:.1f} s", "under 10 s", wall < 10)
    print(f"  {' '.join(f'{each:.1f}' for each in walls)}; the answer by Monte-Carlo {result['score']:.3f}", flush=True)


def evolved(preset: str, score: str, profile: str, solution: Solution, seeds: int) -> None:
    found = []
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            name, _, free = score.partition("_of_any_")
            command = [sys.executable, "run.py", f"search={name}", f"budget={preset}", f"seed={seed}", "search.finalists=0"]
            command += [f"proxy.{free}=null"] if free else []
            if preset.startswith("latency"):
                command += [f"latency.profile={profile}", "latency.calibrate=false"]
            subprocess.run([*command, f"output_dir={folder}/run"], cwd=ROOT, check=True, capture_output=True)
            found.append(json.loads((Path(folder) / "run" / "result.json").read_text())["score"])
    listed = ", ".join(f"{score:.3f}" for score in found)
    row(f"{preset}: evolution, 480,000 iterations", listed, "at most the bound", max(found) <= solution.bound)


def random_networks(setup: SearchSetup, solution: Solution, count: int) -> None:
    rng, parent, tried, better, highest = Random(1), setup.start, 0, 0, -1e9
    while tried < count:
        child = setup.space.mutate(parent, rng, 2).split()
        if setup.budget.violated(child) is not None:
            continue
        score = setup.proxy.score(child).value
        tried, better, highest = tried + 1, better + (score > solution.bound), max(highest, score)
        parent = child if rng.random() < 0.995 else setup.start
    row(f"{count:,} random networks within the budget: better", f"{better} (highest {highest:.2f})", "0", better == 0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("presets", nargs="*", default=PRESETS)
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--start-to-end", action="store_true")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--score", choices=SCORES, default="zen")
    parser.add_argument("--evolution", type=int, default=0, help="seeds that evolution is run with")
    parser.add_argument("--profile", default=DEFAULT_PROFILE, help="that predicts the latency of latency03ms and so on")
    parser.add_argument("--minutes", type=float, help="after which the search ends with what it has")
    options = parser.parse_args()
    header()
    if options.score == "zen":
        against_golden()
    for preset in options.presets:
        setup, solution = optimum(preset, options.repeats, options.score, options.profile, options.minutes)
        if options.evolution:
            evolved(preset, options.score, options.profile, solution, options.evolution)
        if options.random and preset == "flops600M":
            random_networks(setup, solution, options.random)
    if options.start_to_end:
        start_to_end(options.repeats)


if __name__ == "__main__":
    main()
