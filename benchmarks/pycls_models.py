"""pycls' 36 models of one recipe under the names that timm and torchvision have for them: writes data/pycls_models.csv.

    python benchmarks/pycls_models.py

A name stands there only if its network has exactly the parameters that pycls prints. Errors are pycls' means of 5 trainings of
100 epochs on ImageNet (https://arxiv.org/abs/2003.13678, Appendix C); for EfficientNet at the resolution given.
"""

import csv
import json
import re
from pathlib import Path
from typing import Any

import torch

from common import ROOT, header
from truth_counts import TRUTH
from zen_lightning.errors import UserError
from zen_lightning.nets.module_counts import count_parameters
from zen_lightning.nets.named_modules import named_module

OUT = ROOT / "benchmarks" / "data" / "pycls_models.csv"
RESOLUTIONS = dict(zip((f"EfficientNet-B{number}" for number in range(6)), (224, 240, 260, 300, 380, 456), strict=True))
CONFIGS = {"EfficientNet-B": "EN-B", "ResNeXt-": "X-", "ResNet-": "R-"}


def candidates(name: str) -> tuple[str, str]:
    """Return the names that timm and torchvision would have for a model."""
    if name.startswith("RegNet"):
        kind, size = name[6].lower(), name[8:]
        number = float(re.sub("[MG]F", "", size))
        tenths = round(number / 100 if size.endswith("MF") else number * 10)
        spelled = size.lower().removesuffix(".0gf") + "gf" if size.endswith(".0GF") else size.lower().replace(".", "_")
        return f"timm:regnet{kind}_{tenths:03d}", f"torchvision:regnet_{kind}_{spelled}"
    plain = name.lower().replace("-", "_") if name.startswith("Eff") else name.lower().replace("-", "")
    plain += "_32x4d" if name.startswith("ResNeXt") else ""
    return f"timm:{plain}", f"torchvision:{plain}"


def complexity(name: str, table: dict[str, Any]) -> dict[str, int]:
    """Return pycls' own counts of a model."""
    short = next((name.replace(long, config) for long, config in CONFIGS.items() if name.startswith(long)), name)
    found = [key for key in table if re.search(rf"/dds_baselines/.*/{re.escape(short)}(-\d+x\d+d)?_dds", key)]
    assert len(found) == 1, (name, found)
    counts: dict[str, int] = table[found[0]]
    return counts


def params_of(text: str) -> int | None:
    """Return the parameters of a network, or None where there is none of that name."""
    try:
        # torchvision's RegNets compute their widths with tensors, which the meta device cannot read back.
        with torch.device("cpu" if text.startswith("torchvision:regnet") else "meta"):
            return count_parameters(named_module(text))
    except UserError:
        return None


def main() -> None:
    """Write the table, and print which models have no network."""
    header()
    errors, counts = (json.loads((TRUTH / f"pycls-model_{what}.json").read_text()) for what in ("error", "complexity"))
    rows, missing = [], []
    for name, error in errors.items():
        if not isinstance(error, dict):
            continue  # The date.
        own = complexity(name, counts)
        exact = [text if params_of(text) == own["params"] else "" for text in candidates(name)]
        if not any(exact):
            missing.append(f"{name} ({', '.join(f'{text}: {params_of(text)}' for text in candidates(name))}; {own['params']})")
            continue
        top1 = round(100 - error["top1_err"], 3)
        resolution = RESOLUTIONS.get(name, 224)
        rows.append([exact[0] or exact[1], top1, own["params"], own["flops"], own["acts"], resolution, name, exact[1]])
    with Path(OUT).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["architecture", "top1", "params", "flops", "activations", "resolution", "pycls", "torchvision"])
        writer.writerows(rows)
    print(f"{len(rows)} of {len(rows) + len(missing)} models, {sum(bool(row[-1]) for row in rows)} in torchvision too")
    print("\n".join(missing))


if __name__ == "__main__":
    main()
