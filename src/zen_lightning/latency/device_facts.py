"""What a latency depends on: the device, its driver and clocks, the libraries."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from zen_lightning.system.versions import installed_versions

_PACKAGES = ("torch", "numpy", "onnxruntime")
_CPUINFO = Path("/proc/cpuinfo")
_FREQUENCY = Path("/sys/devices/system/cpu/cpu0/cpufreq")


def device_name(device: str) -> str:
    """Return the model of a device: of the CPU, or of the GPU as its driver calls it.

    Args:
        device: torch's name of a device of this machine.
    """
    if device.startswith("cuda"):
        import torch

        return torch.cuda.get_device_name(device)
    return cpu_name()


def cpu_name() -> str:
    """Return the model of the CPU, with family and model number where the name alone says little; torch is not needed.

    Example:
        >>> bool(cpu_name())
        True
    """
    try:
        text = _CPUINFO.read_text()
    except OSError:
        text = ""
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}
    if "model name" in fields:
        numbers = [fields[key] for key in ("cpu family", "model") if key in fields]
        return fields["model name"] + (f" (family {numbers[0]}, model {numbers[1]})" if len(numbers) == 2 else "")
    if sys.platform == "darwin":
        told = _told("sysctl", "-n", "machdep.cpu.brand_string")
        if told:
            return told
    return platform.processor() or platform.machine() or "unknown CPU"


def device_facts(device: str) -> dict[str, Any]:
    """Return name, driver, clocks and library versions of a device of this machine."""
    facts: dict[str, Any] = {
        "name": device_name(device),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "driver": None,
        "clocks": _cpu_clocks(),
        "versions": {"python": platform.python_version(), **library_versions()},
    }
    if device.startswith("cuda"):
        import torch

        facts["versions"]["cuda"] = torch.version.cuda
        facts["versions"]["cudnn"] = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]
        facts.update(_gpu_facts(torch.cuda.get_device_properties(device).uuid))
    return facts


def _gpu_facts(uuid: object) -> dict[str, Any]:
    query = "driver_version,clocks.sm,clocks.max.sm,clocks.mem,power.limit"
    told = _told("nvidia-smi", f"--id=GPU-{uuid}", f"--query-gpu={query}", "--format=csv,noheader,nounits")
    values = [value.strip() for value in told.split(",")]
    if len(values) != 5:
        return {"driver": None, "clocks": {}}
    return {
        "driver": values[0],
        "clocks": dict(zip(("sm_mhz", "sm_max_mhz", "memory_mhz", "power_limit_w"), values[1:], strict=True)),
    }


def _cpu_clocks() -> dict[str, Any]:
    clocks: dict[str, Any] = {}
    for name, file in (("max_mhz", "cpuinfo_max_freq"), ("now_mhz", "scaling_cur_freq"), ("governor", "scaling_governor")):
        try:
            text = (_FREQUENCY / file).read_text().strip()
        except OSError:
            continue
        clocks[name] = int(text) // 1000 if text.isdigit() else text
    return clocks


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that a latency depends on, of those installed."""
    return installed_versions(_PACKAGES)


def _told(*command: str) -> str:
    """Return what a program prints; nothing where it is missing or fails."""
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
