"""``--info``: what is installed, what it runs on, and where things are."""

import os
import platform
import re
import shutil
import sys
import textwrap
import tomllib
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path

from zen_lightning import __version__
from zen_lightning.config import conf_dir
from zen_lightning.runs.provenance import git_commit, versions
from zen_lightning.system.cores import available_cores

_INFO = ("--info", "-i")
_OF_HYDRA = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")
_DISTRIBUTION = "zen-lightning"
_REQUIREMENT = re.compile(r"([A-Za-z0-9_.-]+).*extra\s*==\s*['\"]([^'\"]+)['\"]")
_NOT_OFFERED = ("all", "dev")
_LISTED = ("launcher", "logger", "trainer")
"""Groups whose choices are shown, where there are any."""


def asks_info(arguments: list[str]) -> bool:
    """Whether a command line has ``--info`` without what Hydra would print: ``--info searchpath`` is for Hydra.

    Args:
        arguments: without the program's name.

    Example:
        >>> asks_info(["--info"]), asks_info(["--info", "searchpath"]), asks_info(["--info=config"])
        (True, False, False)
    """
    return any(
        argument in _INFO and following not in _OF_HYDRA
        for argument, following in zip(arguments, [*arguments[1:], ""], strict=False)
    )


def print_info() -> None:
    """Print it, in two columns."""
    rows = _rows()
    width = max(len(name) for name, _ in rows)
    # A terminal breaks lines within words; a file or a program that reads this gets a line for each.
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for name, text in rows:
        line = f"{name:<{width}}  {text}"
        print(line if columns is None else _filled(line, columns, width + 2))
    print(f"\nof Hydra: --info {'|'.join(_OF_HYDRA)}")


def _filled(line: str, columns: int, indent: int) -> str:
    """Return a row in lines that end between words, the second column below itself."""
    return textwrap.fill(
        line, max(columns, 2 * indent), subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )


def _rows() -> list[tuple[str, str]]:
    commit = git_commit()
    packages = versions()
    installed = " ".join(f"{name} {packages[name]}" for name in packages if name not in ("python", _DISTRIBUTION))
    return [
        ("zen-lightning", __version__ + (f", commit {commit}" if commit else "")),
        ("python", f"{platform.python_version()}, {sys.executable}"),
        ("packages", installed),
        *_devices(),
        *_extras(),
        ("conf", str(conf_dir())),
        *_choices(conf_dir()),
        ("local", _local(conf_dir())),
        ("outputs", str(Path("outputs").absolute())),
        *[(name, value) for name, value in sorted(os.environ.items()) if name.startswith("ZEN_LIGHTNING_")],
    ]


def _devices() -> list[tuple[str, str]]:
    """Return what networks run on. Where no driver is, torch is not asked: importing it takes seconds."""
    rows = [("cores", f"{available_cores()} of {os.cpu_count()}, {platform.machine()}, {platform.system()}")]
    if platform.system() == "Linux" and not any(Path("/dev").glob("nvidia[0-9]*")) and not Path("/dev/dxg").exists():
        return [*rows, ("GPUs", "none")]
    import torch

    names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    if not names and torch.backends.mps.is_available():
        names = ["mps"]
    return [*rows, ("GPUs", ", ".join(names) or "none that PyTorch can use")]


def _extras() -> list[tuple[str, str]]:
    """Return the extras, each with its packages, or with the command that installs what is missing."""
    rows = []
    for extra, packages in sorted(_requirements().items()):
        there = {package: _version(package) for package in packages}
        missing = [package for package, found in there.items() if found is None]
        text = ", ".join(f"{package} {found}" for package, found in there.items() if found is not None)
        if missing:
            text = f"not installed ({', '.join(missing)}): pip install '{_DISTRIBUTION}[{extra}]'"
        rows.append((f"extra {extra}", text))
    return rows


def _requirements() -> dict[str, list[str]]:
    """Return the packages of each extra: of this checkout, or as they were recorded when this was installed."""
    project = conf_dir().parent / "pyproject.toml"
    if project.is_file():
        content = tomllib.loads(project.read_text(encoding="utf-8"))["project"].get("optional-dependencies", {})
        wanted = {extra: [re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in texts] for extra, texts in content.items()}
    else:
        wanted = {}
        for text in metadata(_DISTRIBUTION).get_all("Requires-Dist") or []:
            match = _REQUIREMENT.match(text)
            if match:
                wanted.setdefault(match.group(2), []).append(match.group(1))
    return {extra: packages for extra, packages in wanted.items() if extra not in _NOT_OFFERED}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _choices(conf: Path) -> list[tuple[str, str]]:
    """Return the choices of a few groups, and the profiles that latency is predicted from."""
    from zen_lightning.latency.profile import profile_names  # Every command imports this module.

    rows = []
    for group in _LISTED:
        names = sorted(path.stem for path in (conf / group).glob("*.yaml"))
        if names:
            rows.append((f"{group}=", ", ".join(names)))
    return [*rows, ("latency.profile=", ", ".join(profile_names()) or "none")]


def _local(conf: Path) -> str:
    path = conf / "local" / "default.yaml"
    return str(path) if path.is_file() else f"none ({path} is read where it exists)"
