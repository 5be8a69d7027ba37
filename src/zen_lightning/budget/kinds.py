"""The kinds of cost that there are: the one list of them."""

import contextlib
from functools import cache

from zen_lightning.arch import BaseArchitecture
from zen_lightning.arch.errors import UnknownCountError
from zen_lightning.budget.counted import ActivationsLimit, CountedLimit, FlopsLimit, LayersLimit, ParamsLimit
from zen_lightning.budget.latency import BaseLatencyLimit
from zen_lightning.budget.limit import Limit

COUNTED: tuple[type[CountedLimit], ...] = (ParamsLimit, FlopsLimit, LayersLimit, ActivationsLimit)
"""What every network has, in the order of tables. A new one needs a field of ``zl.Budget`` too, and nothing else."""

KINDS: tuple[type[Limit], ...] = (*COUNTED, BaseLatencyLimit)  # Asked for texts alone.
"""All kinds."""


def counts(architecture: BaseArchitecture, resolution: int, num_classes: int, use_se: bool = False) -> dict[str, int]:
    """Return all that is counted of a network, by the column of each kind; what its language does not know is left out.

    Args:
        architecture: the network.
        resolution: height and width of the images.
        num_classes: outputs of the classifier.
        use_se: whether it is built with squeeze-and-excitation.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> counts(Architecture.parse("SuperConvK3BNRELU(3,8,1,1)"), resolution=32, num_classes=10)
        {'params': 322, 'flops': 221264, 'layers': 1, 'peak_activations': 11264}
    """
    found = {}
    for kind in COUNTED:
        with contextlib.suppress(UnknownCountError):
            found[kind.column] = kind.count(architecture, resolution, num_classes, use_se)
    return found


@cache
def kind_of(name: str) -> type[Limit]:
    """Return the kind of cost of a name, or of a column; for another name a kind that has nothing but its name.

    Example:
        >>> kind_of("flops").phrase(250_300_000), kind_of("latency_ms").text(0.0812), kind_of("blocks").phrase(7)
        ('250M FLOPs', '0.0812 ms', '7 blocks')
    """
    for kind in KINDS:
        if name in (kind.name, kind.column):
            return kind
    return type(name, (Limit,), {"name": name})
