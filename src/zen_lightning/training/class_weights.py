"""How much the images of each class count in the loss of a training."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zen_lightning.errors import UserError, nearest
from zen_lightning.system.csv_files import read_csv
from zen_lightning.system.named_path import expanded
from zen_lightning.system.yaml_files import read_yaml

BALANCED = "balanced"
"""All classes together count alike, however many images each has."""

UNBALANCED = 10.0
"""Images of the largest class for each of the smallest from which a training says that they are unbalanced. A choice."""

_FILES = (".csv", ".json", ".yaml", ".yml")
_EXPECTED = f"{BALANCED}, a number for each class, such as '[1,2.5]', names with numbers, '{{cat: 2}}', or a file of these"

ClassWeights = str | Mapping[str, float] | Sequence[float] | None


def class_weights(wanted: ClassWeights, classes: Sequence[str], counts: NDArray[np.int64] | None = None) -> list[float] | None:
    """Return the weight of each class, in the order of the labels; None where all count alike.

    The weights are scaled so that their mean over the training images is 1: the loss stays as large, and the learning rate
    that fits it the same.

    Args:
        wanted: ``balanced``: in inverse proportion to the number of images; a number for each class in the order of the labels;
            numbers by the names of classes, where a class that is not named counts 1; or a file with these: ``.csv`` with the
            columns ``class`` and ``weight``, ``.json`` or ``.yaml``. None: all alike.
        classes: names of the classes.
        counts: training images of each class; None: not known yet, so that the weights are only checked and come unscaled.

    Raises:
        UserError: a file that cannot be read, a class that does not exist, weights for another number of classes.

    Example:
        >>> class_weights("balanced", ["cat", "emu"], np.array([30, 10]))
        [0.6666666666666666, 2.0]
        >>> class_weights({"emu": 3}, ["cat", "emu"], np.array([10, 10]))
        [0.5, 1.5]
    """
    if wanted is None:
        return None
    check_weights(wanted)
    images = np.ones(len(classes)) if counts is None else counts.astype(np.float64)
    if isinstance(wanted, str) and wanted != BALANCED:
        weights = _by_class(_read(expanded(wanted)), classes, f"{wanted}: ")
    elif isinstance(wanted, str):
        weights = np.divide(1.0, images, out=np.zeros(len(classes)), where=images > 0)
    else:
        weights = _by_class(wanted, classes, "")
    total = float((weights * images).sum())
    if not total > 0:
        raise UserError("no training image counts: all its classes have the weight 0", key="class_weights")
    return [float(weight) for weight in weights * (images.sum() / total)]


def check_weights(wanted: Any) -> None:
    """Raise a UserError where weights cannot be those of classes, whatever these are."""
    if wanted is None or wanted == BALANCED:
        return
    if isinstance(wanted, str):
        if Path(wanted).suffix.lower() not in _FILES:
            raise UserError(key="class_weights", value=wanted, expected=_EXPECTED)
        return
    values = list(wanted.values()) if isinstance(wanted, Mapping) else list(wanted) if isinstance(wanted, Sequence) else []
    if not values:
        raise UserError(key="class_weights", value=wanted, expected=_EXPECTED)
    for value in values:
        if not _is_weight(value):
            raise UserError(f"{value} is no weight", key="class_weights", value=_shown(wanted), expected="numbers, 0 or more")


def imbalance(classes: Sequence[str], counts: NDArray[np.int64]) -> str | None:
    """Return a sentence where the largest class has more than ten times the images of the smallest; None otherwise.

    Example:
        >>> imbalance(["cat", "emu"], np.array([300, 12]))
        "25 times as many training images of 'cat' (300) as of 'emu' (12)"
    """
    present = np.flatnonzero(counts)
    if not len(present):
        return None
    most, least = int(counts.argmax()), int(present[counts[present].argmin()])
    ratio = counts[most] / counts[least]
    if ratio < UNBALANCED:
        return None
    many, few = f"{classes[most]!r} ({counts[most]:,})", f"{classes[least]!r} ({counts[least]:,})"
    return f"{ratio:,.0f} times as many training images of {many} as of {few}"


def _by_class(given: Mapping[str, float] | Sequence[float], classes: Sequence[str], where: str) -> NDArray[np.float64]:
    """Return the weights in the order of the labels."""
    if not isinstance(given, Mapping):
        if len(given) != len(classes):
            what = f"{where}{len(given)} weights, and the dataset has {len(classes)} classes"
            remedy = "give one for each, in the order of the classes, or name them: '{cat: 2}'"
            raise UserError(what, key="class_weights", remedy=remedy)
        return np.array([float(value) for value in given])
    named = {str(name): float(value) for name, value in given.items()}
    for name in named:
        if name not in classes:
            hint = nearest(name, list(classes))
            raise UserError(f"{where}the dataset has no class {name!r}{hint}", key="class_weights")
    return np.array([named.get(name, 1.0) for name in classes])


def _read(path: Path) -> Mapping[str, float] | Sequence[float]:
    """Return what a file of weights holds."""
    remedy = "give a file with the columns class and weight"
    try:
        if path.suffix.lower() == ".csv":
            table = read_csv(path, remedy, ("class", "weight"))
            name, weight = table.columns.index("class"), table.columns.index("weight")
            given: Any = {row[name]: _number(row[weight]) for row in table.rows}
            if len(given) < len(table.rows):
                raise UserError(f"{path} names a class twice", key="class_weights")
        else:
            given = read_yaml(path)  # JSON is YAML.
    except OSError as error:
        raise UserError(f"it cannot be read ({error.strerror})", key="class_weights", value=path) from None
    if not isinstance(given, Mapping | list) or not given:
        raise UserError(f"{path} holds no weights", key="class_weights", expected="numbers by the names of classes, or a list")
    for value in given.values() if isinstance(given, Mapping) else given:
        if not _is_weight(value):
            raise UserError(f"{path}: {value} is no weight", key="class_weights", expected="numbers, 0 or more")
    return given


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _is_weight(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _shown(wanted: Any) -> Any:
    return dict(wanted) if isinstance(wanted, Mapping) else list(wanted)
