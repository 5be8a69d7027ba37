"""What int8 loses on digits, and the size and latency of each exported format on this CPU.

    python benchmarks/export_int8.py --part accuracy [--seeds 0 1 2]
    python benchmarks/export_int8.py --part files --folder FOLDER
    python benchmarks/export_int8.py --part speed --folder FOLDER [--seconds 2]

Accuracy: three kinds of networks are trained on the training images of digits, each with several seeds; int8 takes its ranges
from training images, and both are counted on the validation images, which nothing was chosen on. Speed: published structures
with fresh weights, one image at a time on one thread.
"""

import argparse
import tempfile
from pathlib import Path

import torch

import zen_lightning as zl
from common import header, row
from zen_lightning.api.file_times import SETTINGS
from zen_lightning.latency.clock import WallClock
from zen_lightning.latency.runner import measuring
from zen_lightning.latency.timing import time_calls
from zen_lightning.nets.export import exporter_named

_FIRST, _LAST = "SuperConvK3BNRELU(3,16,1,1)", "SuperConvK1BNRELU({},128,1,1)"
NETWORKS = {
    "residual": (f"{_FIRST}SuperResK3K3(16,32,2,16,1)SuperResK1K3K1(32,64,2,32,2){_LAST.format(64)}", False),
    "inverted, SE": (f"{_FIRST}SuperResIDWE4K3(16,24,2,24,2)SuperResIDWE4K5(24,48,2,48,2){_LAST.format(48)}", True),
    "MBConv": (f"{_FIRST}MBConvE3K3(16,24,2,2)MBConvE3K5(24,48,2,2){_LAST.format(48)}", False),
}
INT8 = ("onnx_int8", "openvino_int8")
FORMATS = ("onnx", "onnx_int8", "torch_export", "openvino", "openvino_int8")
COUNTS = (16, 64, 256, 1024)
PUBLISHED = {"zennet_cifar10_model_size05M_res32": 32, "zennet_imagenet1k_flops400M_SE_res224": 224}


def accuracy(kinds: list[str], seeds: list[int], epochs: int) -> None:
    losses: dict[str, list[float]] = {name: [] for name in INT8}
    by_count: dict[int, list[float]] = {count: [] for count in COUNTS}
    print("| network | seed | float32 | " + " | ".join(INT8) + " | onnx_int8 by 16, 64, 1,024 images |")
    with tempfile.TemporaryDirectory() as name:
        for kind, (text, use_se) in ((kind, NETWORKS[kind]) for kind in kinds):
            for seed in seeds:
                run = Path(name) / f"{kind}-{seed}"
                zl.train(text, "digits", folder=run, epochs=epochs, seed=seed, use_se=use_se)
                told = {}
                for count in COUNTS:
                    formats = INT8 if count == 256 else INT8[:1]
                    written = zl.export(
                        str(run),
                        run / "files",
                        formats,
                        dataset="digits",
                        calibration_images=count,
                        accuracy_loss=100,
                        seed=seed,
                    )
                    told[count] = [one.accuracy for one in written.files]
                    by_count[count].append(told[count][0].loss)
                for format, one in zip(INT8, told[256], strict=True):
                    losses[format].append(one.loss)
                others = ", ".join(f"{told[count][0].quantised:.2f}" for count in COUNTS if count != 256)
                each = " | ".join(f"{one.quantised:.2f}%" for one in told[256])
                print(f"| {kind} | {seed} | {told[256][0].float32:.2f}% | {each} | {others} |", flush=True)
    for format, lost in losses.items():
        mean = sum(lost) / len(lost)
        what = f"{format}: points lost on digits, mean and worst of {len(lost)}"
        row(what, f"{mean:.2f}, {max(lost):.2f}", "under 1", max(lost) < 1)
    print({count: f"mean {sum(lost) / len(lost):.2f}, worst {max(lost):.2f}" for count, lost in by_count.items()})


def write(folder: Path) -> None:
    for network in PUBLISHED:
        zl.export(network, folder / network, FORMATS, random_weights=True)


def speed(folder: Path, seconds: float) -> None:
    for network, size in PUBLISHED.items():
        (found,) = zl.latency(network, batch_size=1, channels_last=False, measure_seconds=seconds)
        print(f"{network}, {size} px: PyTorch {found.measured.milliseconds:.2f} ms")
        image = torch.randn(1, 3, size, size)
        for name in FORMATS:
            exporter = exporter_named(name)
            path = folder / network / f"model{exporter.suffix}"
            with measuring(SETTINGS):
                run = exporter.load(path)
                timing = time_calls(lambda run=run, image=image: run(image), WallClock(), seconds)
            total = sum(file.stat().st_size for file in (path, *exporter.companions(path)))
            quartiles = f"{1000 * timing.low:.2f} to {1000 * timing.high:.2f}"
            print(f"| {name} | {total / 1e6:.2f} MB | {1000 * timing.median:.2f} ms ({quartiles}) |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", choices=["accuracy", "files", "speed"], default="accuracy")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--networks", nargs="+", choices=list(NETWORKS), default=list(NETWORKS))
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--folder", type=Path, default=Path("outputs/export_int8"))
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    header()
    if options.part == "accuracy":
        accuracy(options.networks, options.seeds, options.epochs)
    elif options.part == "files":
        write(options.folder)
    else:
        speed(options.folder, options.seconds)


if __name__ == "__main__":
    main()
