"""Proxies compared: the accuracy of the networks that each found, next to the published table."""

from collections.abc import Sequence
from typing import NamedTuple

from zen_lightning.report.statistics import Summary, summarise

SOURCE = "Lin et al., Zen-NAS, ICCV 2021: best ResNet-like network below 1M parameters, 1440 epochs"
"""Where the published accuracies are from."""

PUBLISHED = {
    "zen": (96.2, 80.1),
    "flops": (93.1, 64.7),
    "grad_norm": (92.8, 65.4),
    "synflow": (95.1, 75.9),
    "te_nas": (96.1, 77.2),
    "naswot": (96.0, 77.5),
    "random": (93.5, 71.1),
}
"""Published top-1 in percent, on CIFAR-10 and on CIFAR-100."""

_CIFAR = ("cifar10", "cifar100")
_TITLES = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100", "imagenet": "ImageNet"}
NOTHING = "-"


class Trained(NamedTuple):
    """A trained network that a search found.

    Attributes:
        proxy: the proxy of the search.
        dataset: it was trained on.
        top1: the top-1 accuracy in percent, on the validation images.
    """

    proxy: str
    dataset: str
    top1: float


class Comparison(NamedTuple):
    """The table.

    Attributes:
        datasets: the columns.
        proxies: the rows.
        cells: the cells, by proxy and dataset.
    """

    datasets: list[str]
    proxies: list[str]
    cells: dict[tuple[str, str], Summary]

    @property
    def with_published(self) -> bool:
        """Whether there is something published to compare with."""
        return any(dataset in _CIFAR for dataset in self.datasets)


def compare_proxies(trained: Sequence[Trained]) -> Comparison:
    """Return the table of some trained networks: the published proxies first, then others by name.

    With CIFAR-10 or CIFAR-100 among the datasets every published proxy has a row, even if it has not been run.
    """
    datasets = sorted({one.dataset for one in trained}, key=lambda name: (name not in _CIFAR, len(name), name))
    known = {one.proxy for one in trained}
    listed = [name for name in PUBLISHED if name in known or any(dataset in _CIFAR for dataset in datasets)]
    proxies = [*listed, *sorted(known - set(listed))]
    cells = {
        (proxy, dataset): summarise([one.top1 for one in trained if (one.proxy, one.dataset) == (proxy, dataset)])
        for proxy in proxies
        for dataset in datasets
    }
    return Comparison(datasets, proxies, cells)


def published(proxy: str, dataset: str) -> float | None:
    """Return the published top-1 in percent; None where there is none."""
    if proxy not in PUBLISHED or dataset not in _CIFAR:
        return None
    return PUBLISHED[proxy][_CIFAR.index(dataset)]


def dataset_title(dataset: str) -> str:
    """Return a dataset as it is written."""
    return _TITLES.get(dataset, dataset)


def comparison_columns(comparison: Comparison) -> list[str]:
    """Return the headings of the table."""
    columns = ["proxy"]
    for dataset in comparison.datasets:
        columns += [dataset_title(dataset), "n"]
        if dataset in _CIFAR:
            columns.append(f"{dataset_title(dataset)} published")
    return columns


def comparison_rows(comparison: Comparison) -> list[list[str]]:
    """Return the cells of the table as text: mean and standard deviation in percent, runs, the published accuracy."""
    rows = []
    for proxy in comparison.proxies:
        row = [proxy]
        for dataset in comparison.datasets:
            summary = comparison.cells[proxy, dataset]
            deviation = "" if summary.std is None else f" ± {summary.std:.2f}"
            row += [NOTHING if summary.mean is None else f"{summary.mean:.2f}{deviation}", str(summary.n)]
            if dataset in _CIFAR:
                value = published(proxy, dataset)
                row.append(NOTHING if value is None else f"{value:.1f}")
        rows.append(row)
    return rows
