"""Makes a report of each task, opens these and all pages of the site in a browser, 1280 and 375 pixels wide: is anything cut?

    make docs && python campaigns/pages.py                      about five minutes
    python campaigns/pages.py --reports FOLDER --pictures DIR   reports that are there already

Of every page, at both widths: no element is wider than the window or than what it stands in, nothing is hidden beyond an edge
unless it scrolls, and the texts of charts stay in their chart and off one another. Pictures of all pages are kept, to look at.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from campaign import arguments, reported, table

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "site"
WIDTHS = (1280, 375)
NET = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)"
SEARCH = ("search.iterations=2000", "search.finalists=4", "search.rerank.repeats=1", "search.rerank.batch_size=1")
PETS = (
    "dataset=image_folder",
    "dataset.root=pets",
    "dataset.image_size=32",
    "dataset.verify=false",
    "trainer.loader_workers=0",
)
TRAINING = (*PETS, "recipe.epochs=3", "recipe.batch_size=6", "recipe.warmup_epochs=0", "trainer.accelerator=cpu")
SPACE = "tune.space={recipe.lr:{low:0.01,high:0.5,log:true},recipe.weight_decay:{low:1e-5,high:1e-3,log:true}}"
RUNS: dict[str, tuple[str, ...]] = {
    "search": ("budget=params1M", *SEARCH),
    "pareto": ("task=pareto", "budget=flops600M", SEARCH[0]),
    "score": ("task=score", f"arch={NET}", "proxies=[zen,flops,params]", "resolution=32"),
    "analyze": ("task=analyze", "arch=zennet_imagenet1k_flops600M_SE_res224"),
    "latency": ("task=latency", f"arch={NET}", "resolution=32"),
    "train": ("task=train", f"arch={NET}", *TRAINING),
    "distill": (
        "task=distill",
        f"arch={NET}",
        "teacher=checkpoint",
        "teacher.arch=train",
        "distillation.feature_weight=0",
        *TRAINING,
    ),
    "evaluate": ("task=evaluate", "arch=train", *PETS, "trainer.accelerator=cpu"),
    "predict": ("task=predict", "arch=train", "images=pets"),
    "export": ("task=export", "arch=train"),
    "compare": ("task=compare", f"arch=[search,zennet_cifar10_model_size1M_res32,{NET}]"),
    "correlate": ("task=correlate", "accuracies=known.csv", "proxies=[zen,flops,params]", "resolution=32"),
    "tune": ("task=tune", f"arch={NET}", "tune.trials=4", SPACE, *TRAINING),
    "sweep": ("-m", *SEARCH, "seed=1,2", "budget=params1M,params2M"),
    "aggregate": ("task=aggregate", "sweep=sweep"),
    "pipeline": ("experiment=quickstart", "debug=fast"),
}

BOXES = """(() => {
  const scrolls = (node) => node && node !== document.body
    && (["auto", "scroll"].includes(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
  const found = [];
  for (const node of document.querySelectorAll("body *")) {
    const style = getComputedStyle(node), box = node.getBoundingClientRect(), around = node.parentElement;
    const apart = ["fixed", "absolute"].includes(style.position) || style.visibility === "hidden";
    // Of the theme of the site: menus beside the page, and boxes that reach into its margins by intention.
    const theme = ".md-sidebar, .md-search, .md-header, .md-typeset__scrollwrap, .highlight";
    if (!box.width || !box.height || apart || node.closest(theme) || (node.closest("svg") && node.tagName !== "svg")) continue;
    const said = `${node.tagName.toLowerCase()} ${node.textContent.trim().slice(0, 60)}`;
    const hidden = !["auto", "scroll", "visible"].includes(style.overflowX) && style.display !== "inline";
    if (hidden && node.clientWidth && node.scrollWidth > node.clientWidth + 1) found.push(`hidden: ${said}`);
    if (scrolls(around)) continue;
    const edge = around.getBoundingClientRect().right;
    const flows = ["inline", "contents"].includes(getComputedStyle(around).display);
    if (box.right > innerWidth + 1) found.push(`beyond the window: ${said}`);
    else if (!flows && box.right > edge + PADDING) found.push(`beyond its box: ${said}`);
  }
  return found;
})()""".replace("PADDING", "5")  # That of code, which breaks within it.
TEXTS = """(() => {
  const found = [];
  for (const svg of document.querySelectorAll("svg.chart")) {
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()])
      .filter(([, box]) => box.width);
    texts.forEach(([said, box], at) => {
      const out = box.left < frame.left - 1.5 || box.right > frame.right + 1.5 || box.bottom > frame.bottom + 2;
      if (out) found.push(`beyond its chart: ${said}`);
      for (const [other, next] of texts.slice(at + 1)) {
        const width = Math.min(box.right, next.right) - Math.max(box.left, next.left);
        const height = Math.min(box.bottom, next.bottom) - Math.max(box.top, next.top);
        if (width > 2 && height > 3.5) found.push(`on one another: ${said}, ${other}`);
      }
    });
  }
  return found;
})()"""


def make_reports(folder: Path) -> Iterator[str]:
    """Run a command of each task in a folder; yield those that fail."""
    rng = np.random.default_rng(0)
    for label in ("Abyssinian cat with a long name", "dog", "hamster"):
        (folder / "pets" / label).mkdir(parents=True)
        for number in range(18):
            pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / "pets" / label / f"photo number {number}.png")
    rows = "".join(f'"{NET.replace("16", str(8 * at))}",{50 + at}\n' for at in range(2, 14))
    (folder / "known.csv").write_text(f"architecture,accuracy\n{rows}")
    for name, words in RUNS.items():
        run = [sys.executable, str(ROOT / "run.py"), *words, f"output_dir={name}"]
        ended = subprocess.run(run, cwd=folder, capture_output=True, text=True, check=False)
        if ended.returncode or not (folder / name / "report.html").is_file():
            yield f"{name}: {ended.stderr[-300:]}"


def pages_of(reports: Path) -> dict[str, Path]:
    """Return the pages by name: those of reports, and those of the site where it is built."""
    found = {f"{path.parent.name}-{path.stem}": path for path in sorted(reports.glob("*/*.html"))}
    site = {str(path.parent.relative_to(SITE)).replace("/", "_"): path for path in sorted(SITE.rglob("index.html"))}
    return {**found, **{f"site-{'home' if name == '.' else name}": path for name, path in site.items()}}


def main(words: list[str] | None = None) -> int:
    """Run the campaign; return 1 where a page is cut."""
    sys.path.insert(0, str(ROOT / "tests"))
    from browser import Browser, find_browser

    parser = arguments(__doc__.partition("\n")[0], 0)
    parser.add_argument("--reports", type=Path, help="a folder of runs with reports, instead of new ones")
    parser.add_argument("--pictures", type=Path, default=ROOT / "outputs" / "campaigns" / "pages")
    options = parser.parse_args(words)
    figures: dict[str, Any] = {}
    with reported("pages", options, figures), tempfile.TemporaryDirectory() as made:
        try:
            chromium = find_browser()
        except pytest.skip.Exception as missing:
            figures["not run"] = missing.msg
            return 0
        reports: Path = options.reports or Path(made)
        faults: list[str] = []
        if options.reports is None:
            faults += make_reports(reports)
        pages = pages_of(reports)
        with Browser(chromium) as browser:
            for (name, page), width in ((one, width) for one in pages.items() for width in WIDTHS):
                browser.open(page, width)
                browser.picture(options.pictures / f"{name}-{width}.png")
                wide = browser.run("document.documentElement.scrollWidth") - width
                found = [*browser.run(BOXES), *browser.run(TEXTS), *([f"{wide} px too wide"] if wide > 0 else [])]
                faults += [f"{name}, {width} px: {fault}" for fault in found]
        site = sum(name.startswith("site-") for name in pages)
        figures.update(reports=len(pages) - site, site=site, widths=WIDTHS, faults=faults)
        print(table(["pages", "widths", "faults"], [[len(pages), len(WIDTHS), len(faults)]]))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
