"""The other proxies, variant `released`, against what the original computes: 9 architectures, 4 proxies.

python benchmarks/golden_proxies.py                with 12 repeats, about 15 minutes on one core
python benchmarks/golden_proxies.py --repeats 3    a quick look
"""

import argparse
import math
import statistics
import time
from collections.abc import Callable
from typing import Any

from common import golden, header, row
from zen_lightning.arch import Architecture
from zen_lightning.proxy.base import Proxy
from zen_lightning.proxy.catalogue import proxy_class

SEED = 1


def ln_of_minus(value: float) -> float:
    return math.log(-value)


# Of each: our name, the key of the golden file, and what makes both of them numbers to compare: logarithms, for all but naswot
# are heavy-tailed. `released` synflow is negative on both sides; the condition number has its sign turned in ours alone.
PROXIES: list[tuple[str, str, Callable[[float], float], Callable[[float], float]]] = [
    ("naswot", "naswot", float, float),
    ("grad_norm", "grad_norm", math.log, math.log),
    ("synflow", "synflow", ln_of_minus, ln_of_minus),
    ("ntk", "ntk_condition_number", ln_of_minus, math.log),
]


def draws(name: str, entry: dict[str, Any], repeats: int) -> list[float]:
    """Return independent scores, a fresh network and batch each."""
    shape = {key: entry[key] for key in ("resolution", "num_classes", "batch_size")}
    proxy: Proxy = proxy_class(name)(**shape, variant="released")
    arch = Architecture.parse(entry["structure"])
    return [proxy.score(arch, SEED * 1000 + repeat).value for repeat in range(repeats)]


def difference(ours: list[float], theirs: list[float]) -> float:
    """Return the difference of two means in standard errors of it."""
    error = math.sqrt(statistics.variance(ours) / len(ours) + statistics.variance(theirs) / len(theirs))
    return (statistics.fmean(ours) - statistics.fmean(theirs)) / error


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=12, help="fresh networks for each figure, at least 3")
    repeats = max(3, parser.parse_args().repeats)
    header()
    entries = golden("proxies.json")
    start = time.perf_counter()
    worst = dict.fromkeys([name for name, *_ in PROXIES], 0.0)
    for entry in entries:
        found = []
        for name, key, of_ours, of_theirs in PROXIES:
            ours = [of_ours(value) for value in draws(name, entry, repeats)]
            z = difference(ours, [of_theirs(value) for value in entry[key]["values"]])
            worst[name] = max(worst[name], abs(z))
            found.append(f"{name} {z:+.2f}")
        print(f"{entry['name']}: {', '.join(found)}", flush=True)
    for name, largest in worst.items():
        measured = f"at most {largest:.2f} standard errors over {len(entries)} structures"
        row(f"{name}, released, against golden means ({repeats} repeats)", measured, "within 4", largest <= 4)
    largest = max(worst.values())
    row("all of them", f"largest {largest:.2f}", "within 4", largest <= 4)
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
