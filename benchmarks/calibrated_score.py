"""The calibrated score: fits its weights, and holds it against what had no part in the fit.

    python benchmarks/calibrated_score.py fit       # chooses, fits, writes calibration.json and known_networks.csv.gz
    python benchmarks/calibrated_score.py report    # the tables of docs/calibrated_score.md and docs/benchmarks.md
    python benchmarks/calibrated_score.py pictures  # docs/images/calibrated_*.png

Accel-NASBench's 16-epoch rows are split once, by a hash of the row: half to fit, a fifth to choose, the rest to report on.
"""

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from calibrated_data import Array, DataSet, accel, gated_stages, macro, reference, transnas
from calibrated_figures import gain_share, kendall_within, shown, without
from calibrated_fit import STAGES, choose, fit_curve, fit_large, fit_small, ingredients
from common import ROOT, header
from zen_lightning.arch import Architecture
from zen_lightning.proxy.calibration import Weights, weights
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.deepmad import DeepMad
from zen_lightning.proxy.entropy import MultiScaleEntropy
from zen_lightning.proxy.estimate import on_curve
from zen_lightning.proxy.stages import stages_of
from zen_lightning.proxy.zen_calibrated import ZenCalibrated, worth

FOLDER = ROOT / "src" / "zen_lightning" / "proxy"
BUDGETS = (300e6, 400e6, 500e6)
Scores = Callable[[DataSet], Array]


def main() -> None:
    """Do what the command line asks for."""
    todo = {"fit": fit, "report": report, "pictures": pictures}
    if len(sys.argv) != 2 or sys.argv[1] not in todo:
        sys.exit(f"usage: python {sys.argv[0]} {'|'.join(todo)}")
    header()
    todo[sys.argv[1]]()


def fit() -> None:
    """Choose the two constants, fit the weights of both sets, and write what the library ships."""
    parts = accel()
    print("| without shortcut counts | next layer is worth | Kendall at equal FLOPs, part for choices | error, points |")
    print("|---|---|---|---|")
    for bridge, ratio, tau, error in choose(parts["fit"], parts["choose"], gated_stages(parts["choose"].networks)):
        print(f"| {bridge:g} | {ratio:g} | {tau:.3f} | {error:.2f} |")
    width, depth, gate, constant = fit_large(parts["fit"])
    # The score adds ln of the last feature map's height, times the sum of all widths: ln 7 in every network of the fit.
    constant -= float(width.sum() * np.log(7))
    spread = _spread_of_weights(parts["fit"])
    for name, row, errors in zip(("width", "depth", "gate"), (width, depth, gate), spread, strict=True):
        print(name, ", ".join(f"{value:.2f} ± {around:.2f}" for value, around in zip(row, errors, strict=True)))
    small = fit_small([parts["fit"], macro(), transnas()], [gated_stages(parts["fit"].networks), None, None])
    found = {
        "imagenet": {
            "width": _rounded(width),
            "depth": _rounded(depth),
            "gate": _rounded(gate),
            "constant": round(constant, 3),
        },
        "small": {"width": [0.2] * STAGES, "depth": [round(small, 3)] * STAGES, "gate": [0.0] * STAGES, "constant": 0.0},
    }
    print(f"small: depth is worth {small:.3f} of mean gain")
    _write(found, parts)


def _rounded(values: Array) -> list[float]:
    return [round(float(value), 3) for value in values]


def _spread_of_weights(data: DataSet) -> list[Array]:
    """Return the standard deviations of the weights over resamples of the networks."""
    columns = np.column_stack([*ingredients(data), np.ones(len(data.networks))])
    rng, drawn = np.random.default_rng(0), []
    for _ in range(200):
        rows = rng.integers(len(columns), size=len(columns))
        drawn.append(np.linalg.lstsq(columns[rows], data.accuracy["top-1"][rows], rcond=None)[0])
    return np.split(np.std(drawn, axis=0)[:-1], 3)


def _write(found: dict[str, dict[str, Any]], parts: dict[str, DataSet]) -> None:
    """Write the weights, and what an estimate needs to know of the networks that were trained."""
    large = _weights("imagenet", found["imagenet"])
    lines, layers, gains = [], [], []
    for data in parts.values():
        for net, flops, top1 in zip(data.networks, data.flops, data.accuracy["top-1"], strict=True):
            stages = stages_of(net, 224)
            lines.append((int(flops), round(worth(stages, large), 3), top1))
            layers.append([stage.layers for stage in stages])
            gains.append([stage.gain / stage.weight for stage in stages])
    curve = fit_curve(*_scores_and_top1(parts["fit"], large))
    score, top1 = _scores_and_top1(parts["report"], large)
    errors = top1 - np.array([on_curve(value, curve) for value in score])
    print(f"estimate: {curve[0]:g} - exp({curve[1]:.3f} - {curve[2]:.4f} score)")
    print(f"part to report on: error {errors.std():.2f}, mean {errors.mean():+.2f} points")
    content = {
        "source": "benchmarks/calibrated_score.py fit; Accel-NASBench, Apache-2.0, github.com/afzalxo/Accel-NASBench, 42603572",
        "weights": found,
        "estimate": {
            "resolution": 224,
            "num_classes": 1000,
            "flops": [min(line[0] for line in lines), max(line[0] for line in lines)],
            "curve": list(curve),
            "error": [round(float(value), 2) for value in np.percentile(errors, [5, 95])],
            "most_layers": np.max(layers, axis=0).tolist(),
            "gain": [_rounded(np.min(gains, axis=0)), _rounded(np.max(gains, axis=0))],
        },
    }
    (FOLDER / "calibration.json").write_text(json.dumps(content, indent=1) + "\n")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("flops", "score", "top1"))
    writer.writerows(sorted(lines))
    (FOLDER / "known_networks.csv.gz").write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def _weights(name: str, entry: dict[str, Any]) -> Weights:
    return Weights(name, tuple(entry["width"]), tuple(entry["depth"]), tuple(entry["gate"]), entry["constant"])


def _scores_and_top1(data: DataSet, chosen: Weights) -> tuple[Array, Array]:
    return np.array([worth(stages_of(net, 224), chosen) for net in data.networks]), data.accuracy["top-1"]


def report() -> None:
    """Print Kendall at equal cost, and the share of the possible gain, of all closed forms on all data sets."""
    parts = accel()
    held, known = parts["report"], reference()
    sets = [held, known, macro(), transnas()]
    small = _small_without(parts["fit"], sets[2], sets[3])
    for cost in ("flops", "params"):
        print(f"\nKendall at equal {cost} (bootstrap over networks, 95%)\n")
        names = [f"{data.name}: {task}" for data in sets for task in data.accuracy]
        print("| proxy | " + " | ".join(names) + " |\n|---" * 1 + "|---" * len(names) + "|")
        for name, scores in {**PROXIES, "zen_calibrated, small, data set left out": small}.items():
            cells = []
            for data in sets:
                values = scores(data)
                for accuracy in data.accuracy.values():
                    truth = without(accuracy, [gated_stages(data.networks)]) if data.resolution == 224 else accuracy
                    cells.append(shown(kendall_within(values, truth, getattr(data, cost), data.tolerance)))
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    gates = [gated_stages(known.networks)]
    one, two = (without(known.accuracy[task], gates) for task in ("16 epochs", "reference training"))
    short = kendall_within(one, two, known.flops, known.tolerance)
    print(f"\nthe 16-epoch training itself on the 59, equal FLOPs: {shown(short)}")
    print("\nShare of the possible gain, 10 best by score, part to report on\n")
    truth = without(held.accuracy["top-1"], [gated_stages(held.networks)])
    print("| proxy | " + " | ".join(f"{budget / 1e6:.0f}M" for budget in BUDGETS) + " |\n|---|---|---|---|")
    for name, scores in PROXIES.items():
        found = [gain_share(scores(held), truth, held.flops, budget) for budget in BUDGETS]
        print(f"| {name} | " + " | ".join(found) + " |", flush=True)


def _small_without(fitted: DataSet, cifar: DataSet, taskonomy: DataSet) -> Scores:
    """Return the scores by weights for small images that were fitted on all data sets but the one that is scored."""
    gates = gated_stages(fitted.networks)
    left_out = {
        cifar.name: fit_small([fitted, taskonomy], [gates, None]),
        taskonomy.name: fit_small([fitted, cifar], [gates, None]),
    }
    others = fit_small([cifar, taskonomy], [None, None])
    print("small: depth relative to mean gain, the data set left out:", left_out, "Accel-NASBench left out:", round(others, 3))

    def scores(data: DataSet) -> Array:
        depth = left_out.get(data.name, others)
        chosen = weights("small")._replace(depth=(depth,) * STAGES)
        return np.array([worth(stages_of(net, data.resolution), chosen) for net in data.networks])

    return scores


def _plain(score: Callable[[Architecture, DataSet], float]) -> Scores:
    return lambda data: np.array([score(net, data) for net in _ungated(data)])


def _ungated(data: DataSet) -> list[Architecture]:
    """Return the networks without their squeeze-and-excitation, whose effect is taken out of the accuracies as well."""
    return [Architecture.parse("".join(block.text.replace("SE(", "(") for block in net.blocks)) for net in data.networks]


def _convolutions(net: Architecture) -> int:
    return sum(len(unit.backbone) for block in net.blocks for unit in block.units)


PROXIES: dict[str, Scores] = {
    "zen_calibrated, imagenet": _plain(lambda net, data: ZenCalibrated(data.resolution, "imagenet").score(net).value),
    "zen_calibrated, small": _plain(lambda net, data: ZenCalibrated(data.resolution, "small").score(net).value),
    "zen": _plain(lambda net, data: ZenClosedForm(data.resolution).score(net).value),
    "zen - 0.7 x convolutions": _plain(
        lambda net, data: ZenClosedForm(data.resolution).score(net).value - 0.7 * _convolutions(net)
    ),
    "deepmad, no limit on rho": _plain(lambda net, data: DeepMad(data.resolution, rho=None).score(net).value),
    "entropy 1,1,1,1,8": _plain(lambda net, data: MultiScaleEntropy(data.resolution).score(net).value),
    "entropy 0,0,1,1,6": _plain(lambda net, data: MultiScaleEntropy(data.resolution, (0, 0, 1, 1, 6)).score(net).value),
    "params": lambda data: data.params,
    "flops": lambda data: data.flops,
}


def pictures() -> None:
    """Draw what the score weighs, and how it and the Zen-score order the networks to report on."""
    import matplotlib

    matplotlib.use("Agg")
    from calibrated_pictures import draw_answers, draw_orders, draw_weights

    images = ROOT / "docs" / "images"
    held = accel()["report"]
    draw_weights(weights("imagenet"), images / "calibrated_weights.png")
    scores = {name: PROXIES[name](held) for name in ("zen", "zen_calibrated, imagenet")}
    draw_orders(held, scores, images / "calibrated_orders.png")
    draw_answers(images / "calibrated_answers.png")
    for path in sorted(images.glob("calibrated_*.png")):
        print(path)


if __name__ == "__main__":
    main()
