"""What the site is made of: its menu, its links, its keys; `make docs` builds it."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from omegaconf import OmegaConf

from zen_lightning.config import conf_dir

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))


def hook(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / "site" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pages(menu: Any) -> list[str]:
    """Return the pages of the menu, in order."""
    if isinstance(menu, str):
        return [menu]
    return [page for entry in (menu.values() if isinstance(menu, dict) else menu) for page in pages(entry)]


def test_every_page_is_in_the_menu_once() -> None:
    written = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    notebooks = {f"notebooks/{path.stem}.md" for path in (ROOT / "notebooks").glob("*.ipynb")}
    menu = pages(SETTINGS["nav"])
    assert len(menu) == len(set(menu))
    assert written | notebooks <= set(menu)


@pytest.mark.parametrize(
    ("target", "here", "expected"),
    [
        ("docs/training.md", "index.md", "training.md"),
        ("docs/images/cloud.png", "index.md", "images/cloud.png"),
        ("../README.md", "pareto.md", "index.md"),
        ("../../README.md", "reference/search.md", "../index.md"),
        ("../docs/proxies.md", "notebooks/02_proxies.md", "../proxies.md"),
        ("02_proxies.ipynb", "notebooks/01_search.md", "02_proxies.md"),
        ("../notebooks/01_search.ipynb", "quickstart.md", "notebooks/01_search.md"),
        ("docs/your_own_block.md", "contributing.md", "your_own_block.md"),
        ("benchmarks.md", "closed_form.md", "benchmarks.md"),
        ("keys.md", "reference/index.md", "keys.md"),
    ],
)
def test_links_of_the_repository_hold_on_the_site(target: str, here: str, expected: str) -> None:
    assert hook("repository_pages").site_link(target, here) == expected


def test_every_key_of_every_file_is_listed() -> None:
    key_pages = hook("key_pages")
    page = key_pages.page()
    for path in conf_dir().rglob("*.yaml"):
        group = path.relative_to(conf_dir()).parent.as_posix()
        if group.startswith(("hydra", "local")):
            continue
        listed = [key.path for key in key_pages.keys(path, "" if group == "." else group)]
        assert len(listed) == len(set(listed))
        inside = OmegaConf.load(path)
        prefix = "" if group == "." or "@package _global_" in path.read_text(encoding="utf-8") else f"{group}."
        assert isinstance(inside, type(OmegaConf.create({})))
        for key in inside:
            if key != "defaults" and not (group == "." and key == "hydra"):
                name = f"{prefix}{key}"
                assert any(one == name or one.startswith(f"{name}.") for one in listed), (path, name)
        assert group == "." or f'"{group}={path.stem}"' in page
    assert "| `seed` | `0` |" in page
    assert "searches at a time; null: one for each core" in page


def test_what_a_page_loads_from_elsewhere_is_found() -> None:
    hosts = hook("offline").hosts
    assert hosts('<script src="https://cdn.example/x.js"></script><link href="//fonts.example" rel="preconnect">') == [
        "cdn.example",
        "fonts.example",
    ]
    assert hosts("body { background: url(https://images.example/a.png) }") == ["images.example"]
    assert hosts('<a href="https://arxiv.org/abs/2102.01063">paper</a><script src="assets/x.js"></script>') == []
    assert SETTINGS["theme"]["font"] is False
