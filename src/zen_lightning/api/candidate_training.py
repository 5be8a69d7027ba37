"""Trains the best network of each depth, which chooses the depth of a search."""

import json
import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zen_lightning.api.depth_training import DepthTraining, Ready
from zen_lightning.arch import BaseArchitecture
from zen_lightning.errors import UserError
from zen_lightning.search.depth_choice import Depth
from zen_lightning.search.events import Say
from zen_lightning.system.json_files import read_json, write_json
from zen_lightning.system.numbers import short_count, short_time
from zen_lightning.system.ordinary_file import holds_file
from zen_lightning.system.schema import COUNT, OBJECT, TEXT, Number, all_of

if TYPE_CHECKING:
    from zen_lightning.api.training_plan import Asked

FOLDER = "depths"
"""The folder of these trainings, in that of the run."""

TRAINED = "trained.json"
"""What a finished training found, in its folder."""

_CONTENT = all_of(
    identity=OBJECT,
    val_top1=Number(0, 100),
    best_epoch=COUNT,
    epochs=COUNT,
    train_images=COUNT,
    device=TEXT,
    seconds=Number(0),
)


def train_depths(
    how: DepthTraining,
    depths: Sequence[Depth],
    architectures: Sequence[BaseArchitecture],
    resolution: int,
    seed: int,
    folder: Path,
    say: Say,
) -> list[Depth]:
    """Train the best network of each depth, and return the depths with the accuracies.

    A training that has ended is not repeated, and one that was stopped is continued: each has a folder of its own below
    ``depths/``, with its history, its weights and ``trained.json``. A network that several limits found is trained once.

    Args:
        how: the training.
        depths: what each limit on layers found.
        architectures: the network of each.
        resolution: height and width of the images of the search.
        seed: seed of the first training of each network; the next ones follow.
        folder: folder of the run.
        say: is told what is done.

    Raises:
        UserError: images that cannot be used, a loss that is not finite, or a folder that holds another training.
        KeyboardInterrupt: Ctrl-C; what was trained is saved.
    """
    size, ready = how.resolution or resolution, how.ready()
    networks = {
        depth.structure: (depth, network) for depth, network in zip(reversed(depths), reversed(architectures), strict=True)
    }
    say(f"choosing the depth: {how.summary(resolution)}")
    found: dict[str, float] = {}
    for number, (structure, (depth, network)) in enumerate(reversed(networks.items()), 1):
        accuracies = []
        for step in range(how.seeds):
            place = folder / FOLDER / f"layers{depth.limit}-seed{seed + step}"
            outcome = _trained(how, ready, network, size, seed + step, place)
            accuracies.append(outcome["val_top1"])
            params = short_count(network.num_params(ready.source.num_classes))
            say(
                f"{number} of {len(networks)}: at most {depth.limit} layers, {params} params, seed {seed + step}: "
                f"top-1 {outcome['val_top1']:.2f}% in {short_time(outcome['seconds'])}"
            )
        found[structure] = sum(accuracies) / len(accuracies)
    return [depth._replace(trained=round(found[depth.structure], 4)) for depth in depths]


def _trained(how: DepthTraining, ready: Ready, network: BaseArchitecture, size: int, seed: int, place: Path) -> dict[str, Any]:
    """Return what a training found; it is done where it has not ended before."""
    from zen_lightning.api.training_plan import Asked

    identity = {**how.known_as(), "structure": str(network), "px": size, "seed": seed}
    identity.pop("seeds")  # More trainings of the same network leave this one as it is.
    known = _finished(place, identity)
    if known is not None:
        return known
    place.mkdir(parents=True, exist_ok=True)
    asked = Asked(
        network,
        ready.source,
        ready.recipe,
        ready.augmentation,
        None,
        None,
        seed,
        size,
        None,
        None,
        how.images,
        ready.machine,
        {},
    )
    outcome = {**_fit(asked, how, place), **{"identity": identity}}
    write_json(place / TRAINED, outcome)
    shutil.rmtree(place / "checkpoints", ignore_errors=True)  # The weights of the best epoch are kept beside them.
    return outcome


def _fit(asked: "Asked", how: DepthTraining, place: Path) -> dict[str, Any]:
    from zen_lightning.api.fitting import Loop, fit
    from zen_lightning.api.training_files import write_rows
    from zen_lightning.api.training_plan import stopping
    from zen_lightning.training.classifier import ClassifierModule
    from zen_lightning.training.progress import ShowProgress

    setup = asked.setup(place)

    def module(train_images: int) -> ClassifierModule:
        return ClassifierModule(setup.network, setup.recipe, train_images, asked.seed, setup.image_size)

    loop = Loop(
        on_epoch=lambda row, rows: write_rows(place, rows),
        callbacks=[ShowProgress()] if how.progress else [],
        guard=partial(stopping, folder=place),
    )
    try:
        fitted = fit(setup, asked.images(setup), module, place, asked.identity(setup), loop)
    except KeyboardInterrupt:
        raise KeyboardInterrupt from None  # Its message is for a training alone, and this is a search.
    best = fitted.best
    return {
        "val_top1": round(best["val_top1"], 4),
        "best_epoch": int(best["epoch"]),
        "epochs": setup.recipe.epochs,
        "train_images": fitted.facts["train_images"],
        "device": fitted.facts["device"],
        "seconds": round(sum(row["seconds"] for row in fitted.rows), 3),
    }


def _finished(place: Path, identity: Mapping[str, Any]) -> dict[str, Any] | None:
    path = place / TRAINED
    if not holds_file(path):
        return None
    content = read_json(path, "delete it, and the network is trained again", _CONTENT).content
    if content["identity"] != json.loads(json.dumps(identity)):
        raise UserError(
            f"{place} holds another training", remedy=f"delete it, or choose another folder than {place.parent.parent}"
        )
    return content
