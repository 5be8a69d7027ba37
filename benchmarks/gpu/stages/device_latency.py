"""Latencies of published networks as ``task=latency`` measures them, and a part of a profile of the device."""

import signal
import time
from pathlib import Path

from bench import Bench
from stepping import LARGE, MIDDLE, SMALL


def networks(bench: Bench) -> None:
    """Time three networks, passes launched kernel by kernel and, on a GPU, replayed as CUDA graphs."""
    names = [SMALL] if bench.quick else [SMALL, MIDDLE, LARGE]
    sizes = "[4]" if bench.quick else "[1,64]"
    seconds = 0.1 if bench.quick else 0.7
    base = [f"arch=[{','.join(names)}]", f"device={bench.device}", f"batch_size={sizes}", f"measure_seconds={seconds}"]
    rows = []
    for graphs in (False, True) if bench.on_gpu else (False,):
        with bench.report.attempt(f"graphs {graphs}"):
            result = bench.command(f"graphs-{graphs}", "task=latency", *base, f"cuda_graph={str(graphs).lower()}")
            for network in result["networks"]:
                for row in network["latencies"]:
                    kept = {key: row[key] for key in ("batch_size", "milliseconds", "spread", "trusted") if key in row}
                    rows.append({"network": network["source"], "graphs": graphs, **kept})
            bench.report.figure("latencies", rows)
    for row in rows:
        if row["batch_size"] != 1:
            short = row["network"].split("_")[-2] + (" graph" if row["graphs"] else "")
            bench.report.figure(f"{short}, ms an image", row["milliseconds"])


def profile(bench: Bench) -> None:
    """Begin a profile of the device, stop it as Ctrl-C does, and begin again: how fast it measures, and that it goes on."""
    arguments = ["task=profile", f"device={bench.device}", f"output={bench.folder / 'profile.json'}"]
    # Few networks: drawing them takes longer than there is time to measure.
    few = {"fitted": 4, "held_out": 2, "networks_from": 8, "drawn": 8, "operation_seconds": 0.01, "network_seconds": 0.05}
    arguments += [f"extent.{key}={value}" for key, value in few.items()]
    arguments += [] if bench.on_gpu else ["batch_size=1"]
    first, rate = _measure_for(bench, "first", 3 if bench.quick else 15, arguments)
    bench.report.figure("measurements a second", round(rate, 1))
    second, _ = _measure_for(bench, "second", 2 if bench.quick else 4, arguments)
    said = f"going on with {first:,} measurements" in bench.log_tail("second", 10**6)
    bench.report.check("goes on where it was stopped", said and second > first, f"{first}, then {second} measurements")


def _measure_for(bench: Bench, name: str, seconds: float, arguments: list[str]) -> tuple[int, float]:
    """Run the command until it has measured for so long; return how many measurements its journal holds, and their rate."""
    journal = bench.folder / ".profile.json.part"
    before = _lines(journal)
    process = bench.start(name, *arguments)
    began: float | None = None
    while process.poll() is None and (began is None or time.monotonic() - began < seconds):
        time.sleep(0.1)
        # The first line of the file says what is measured.
        if began is None and _lines(journal) > max(before, 1):
            began, before = time.monotonic(), _lines(journal)
    made = _lines(journal) - before
    process.send_signal(signal.SIGINT)
    code = process.wait()
    if code not in (0, 130) or began is None:
        raise RuntimeError(f"ended with {code}: {bench.log_tail(name)}")
    return _lines(journal) - 1, made / seconds


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0
