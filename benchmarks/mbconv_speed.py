"""How long reading, counting and scoring thousands of networks of Accel-NASBench takes, each once.

python benchmarks/mbconv_speed.py
"""

import time
from itertools import pairwise

from common import header, row
from truth_counts import rows
from zen_lightning.arch import AccelArchitecture
from zen_lightning.proxy.closed_form import ZenClosedForm


def main() -> None:
    """Print the seconds of each step."""
    header()
    codes = [values["architecture"] for values in rows("accel_nasbench_imagenet.csv.gz")]
    times = [time.perf_counter()]
    networks = [AccelArchitecture.parse(code) for code in codes]
    times.append(time.perf_counter())
    counts = [(network.num_params(), network.flops(224)) for network in networks]
    times.append(time.perf_counter())
    proxy = ZenClosedForm(224)
    scores = [proxy.score(network).value for network in networks]
    times.append(time.perf_counter())
    read, counted, scored = (after - before for before, after in pairwise(times))
    assert len(counts) == len(scores) == len(codes)
    measured = f"read {read:.2f} s, counted {counted:.2f} s, scored {scored:.2f} s"
    row(f"{len(codes)} networks of Accel-NASBench, 224 px", measured, "seconds", read + counted + scored < 10)


if __name__ == "__main__":
    main()
