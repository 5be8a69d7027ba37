"""The worst classes of a validation on the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zen_lightning.report.terminal.table import Table
from zen_lightning.runs.class_files import PER_CLASS
from zen_lightning.system.numbers import first_names, shortened

if TYPE_CHECKING:
    from zen_lightning.training.validation_details import ClassAccuracy

_ROWS = 5
"""Classes that are shown. A choice: all are in ``per_class.csv``."""

_LONGEST = 28
"""Characters of a name. A choice: two of them and three numbers fit 80 columns."""


def show_worst(worst: "Sequence[ClassAccuracy]", missing: Sequence[str]) -> None:
    """Print the worst classes, and which have no images.

    Args:
        worst: the classes that have images, the worst first.
        missing: the names of the others.
    """
    shown = worst[:_ROWS]
    if not shown:
        return
    count = f"The {len(shown)} worst of {len(worst):,} classes" if len(worst) > len(shown) else f"{len(shown)} classes"
    table = Table(count, ["class", "images", "top-1", "most often mistaken for"])
    for one in shown:
        other = f"{shortened(one.taken_for, _LONGEST)} ({one.taken_for_images:,})" if one.taken_for else ""
        table.add(shortened(one.name, _LONGEST), f"{one.images:,}", f"{one.top1 or 0:.2f}%", other)
    table.print()
    if missing:
        named = first_names(missing, _ROWS)
        classes = f"{len(missing):,} class{'es' * (len(missing) > 1)}"
        print(f"no images of {classes} to validate on, and so no accuracy: {named} ({PER_CLASS})")
