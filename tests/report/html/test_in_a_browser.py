"""``report.html`` in a real browser. The pictures are kept in the folder that ARTIFACTS names, if it is set."""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hydra.core.global_hydra import GlobalHydra

from browser import Browser, find_browser
from zen_lightning.api.class_files import class_content, write_class_files
from zen_lightning.cli.main import main
from zen_lightning.training.validation_details import ValidationDetails

pytestmark = pytest.mark.long
PHONE = 375
PLACE = """(() => {
  const svg = document.querySelector("[data-points]");
  svg.scrollIntoView({block: "center", behavior: "instant"});
  const frame = svg.getBoundingClientRect();
  const places = JSON.parse(svg.dataset.places);
  const scale = frame.width / svg.viewBox.baseVal.width;
  return [frame.left + places.at(-2) * scale, frame.top + places.at(-1) * scale];
})()"""
"""Where the answer lies in the window: it is the last point."""


def ended(folder: Path, *command: str) -> Path:
    """Run a command and return its report."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HYDRA_FULL_ERROR", "0")
        patch.setattr(sys, "argv", ["run.py", *command, f"output_dir={folder}"])
        GlobalHydra.instance().clear()
        main()
    return folder / "report.html"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    command = ["search=zen", "budget=flops600M", "search.iterations=3000", "search.finalists=2", "search.restarts=1"]
    return ended(tmp_path_factory.mktemp("search"), *command, "search.rerank.batch_size=1", "search.rerank.repeats=1")


@pytest.fixture(scope="module")
def comparison(report: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = f"arch=[{report.parent},zennet_imagenet1k_flops600M_SE_res224]"
    return ended(tmp_path_factory.mktemp("compare"), "task=compare", sources)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = os.environ.get("ARTIFACTS")
    return Path(kept) / "report" if kept else tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser(find_browser()) as found:
        yield found


def tip(browser: Browser) -> str:
    return str(browser.run("document.querySelector('.tip').hidden ? '' : document.querySelector('.tip').innerText"))


def awaited_tip(browser: Browser) -> str:
    deadline = time.monotonic() + 20
    while not (text := tip(browser)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return text


def test_nothing_is_fetched_and_nothing_complains(browser: Browser, report: Path, pictures: Path) -> None:
    assert 20_000 < report.stat().st_size < 2_000_000
    browser.open(report, 1280)
    browser.picture(pictures / "desktop.png")
    assert browser.requests == [report.as_uri()]
    assert browser.errors == []
    assert browser.run("document.querySelectorAll('section').length") >= 6
    assert browser.run("document.documentElement.scrollWidth") == 1280


def test_the_policy_lets_nothing_in(browser: Browser, report: Path) -> None:
    browser.open(report, 1280)
    assert browser.run("fetch('https://example.org/').then(() => 'fetched', () => 'refused')") == "refused"
    browser.run("document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))")
    assert browser.run("window.ran") is None


def test_a_tooltip_appears_under_the_mouse(browser: Browser, report: Path, pictures: Path) -> None:
    browser.open(report, 1280)
    x, y = browser.run(PLACE)
    assert tip(browser) == ""
    browser.move(x, y)
    text = awaited_tip(browser)
    browser.picture(pictures / "tooltip.png", whole=False)
    answer = report.with_name("best_structure.txt").read_text().strip()
    assert answer in text.replace("\n", "")
    for word in ("the answer", "score", "parameters", "FLOPs", "layers"):
        assert word in text
    browser.move(5, 5)
    assert tip(browser) == ""


def test_a_tap_keeps_the_tooltip_until_the_next(browser: Browser, report: Path, pictures: Path) -> None:
    browser.open(report, PHONE, 800, touch=True)
    browser.tap(*browser.run(PLACE))
    assert "the answer" in awaited_tip(browser)
    assert "Copy structure" in tip(browser)
    browser.picture(pictures / "phone-tooltip.png", whole=False)
    left, right = browser.run("(r => [r.left, r.right])(document.querySelector('.tip').getBoundingClientRect())")
    assert left >= 0
    assert right <= PHONE
    browser.tap(20, 790)
    deadline = time.monotonic() + 20
    while tip(browser) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert tip(browser) == ""


def test_arrow_keys_go_from_network_to_network(browser: Browser, report: Path) -> None:
    browser.open(report, 1280)
    browser.run("document.querySelector('[data-points]').focus()")
    browser.press("ArrowRight")
    first = tip(browser)
    browser.press("ArrowLeft")
    second = tip(browser)
    assert "the answer" in first
    assert second not in ("", first)
    assert browser.run("document.querySelector('[aria-live]').textContent") != ""
    browser.press("Escape")
    assert tip(browser) == ""


@pytest.mark.parametrize("which", ["report", "comparison"])
def test_a_phone_shows_all_of_it_without_scrolling_sideways(
    browser: Browser, request: pytest.FixtureRequest, pictures: Path, which: str
) -> None:
    browser.open(request.getfixturevalue(which), PHONE, 800, touch=True)
    browser.picture(pictures / f"phone-{which}.png")
    assert browser.errors == []
    assert browser.run("document.documentElement.scrollWidth") == PHONE
    # What is wider than the page scrolls in a container of its own.
    beyond = """[...document.querySelectorAll("body *")].filter(node =>
        node.getBoundingClientRect().right > innerWidth + 1 && !node.closest(".scroll, svg")).map(node => node.outerHTML)"""
    assert browser.run(beyond) == []
    sizes = browser.run(
        """[...document.querySelectorAll(".chart text")].map(text => text.getBoundingClientRect().height).filter(h => h > 0)"""
    )
    assert min(sizes, default=PHONE) > 10


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(browser: Browser, report: Path, pictures: Path, scheme: str) -> None:
    browser.open(report, 1280, scheme=scheme)
    if scheme == "dark":
        browser.picture(pictures / "dark.png")
    contrasts = browser.run("""(() => {
      const light = color => {
        const parts = color.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255);
        const linear = parts.map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
      };
      const behind = node => {
        for (let at = node; at; at = at.parentElement) {
          const color = getComputedStyle(at).backgroundColor;
          if (color !== "rgba(0, 0, 0, 0)") return light(color);
        }
        return 1;
      };
      return [...document.querySelectorAll("h1, h2, p, dt, dd, td, th, a, code, figcaption, caption")].map(node => {
        const [a, b] = [light(getComputedStyle(node).color), behind(node)].sort((x, y) => y - x);
        return (a + 0.05) / (b + 0.05);
      });
    })()""")
    assert min(contrasts) >= 4.5
    background = browser.run("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, background.strip("rgb()").split(","))) > 382) == (scheme == "light")


def test_print_is_dark_on_white_and_whole(browser: Browser, report: Path, pictures: Path) -> None:
    browser.open(report, 800, scheme="dark")
    browser.emulate("print", "dark")
    browser.picture(pictures / "print.png")
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.run("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert browser.run("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"
    assert browser.print(pictures / "print.pdf").startswith(b"%PDF")


def test_the_drawing_is_a_picture_of_its_own(browser: Browser, report: Path, pictures: Path) -> None:
    browser.open(report.with_name("network.svg"), 1280, 600)
    browser.picture(pictures / "network.png")
    assert browser.errors == []
    width, height = browser.run("(r => [r.width, r.height])(document.documentElement.getBoundingClientRect())")
    assert width > 400
    assert height > 300
    outside = """[...document.querySelectorAll("text, path, rect")].filter(node => {
      const box = node.getBBox(), frame = document.documentElement.viewBox.baseVal;
      return box.x < -1 || box.y < -1 || box.x + box.width > frame.width + 1 || box.y + box.height > frame.height + 1;
    }).map(node => node.outerHTML)"""
    assert browser.run(outside) == []


@pytest.mark.parametrize("classes", [20, 1000])
def test_classes_on_a_phone_and_sorted(browser: Browser, pictures: Path, classes: int, tmp_path: Path) -> None:
    report = report_of_classes(tmp_path, classes)
    for width in (1280, PHONE):
        browser.open(report, width)
        assert browser.errors == []
        assert browser.run("document.documentElement.scrollWidth") == width
        browser.picture(pictures / f"classes-{classes}-{width}.png")
    first = "document.querySelector('#classes tbody tr').cells[1].textContent.trim()"
    assert browser.run(first) == "0.00%"
    sort = "document.querySelectorAll('#classes th .sort')[1].click()"
    browser.run(sort)
    assert browser.run(first) == "0.00%"
    browser.run(sort)
    assert browser.run(first) == "no images"
    assert browser.run(first.replace("tr'", "tr:nth-child(2)'")) == "90.00%"
    assert browser.run("document.querySelectorAll('#classes tbody tr').length") == classes
    assert browser.run("document.querySelectorAll('.matrix tbody tr').length") == (20 if classes == 20 else 0)


def report_of_classes(folder: Path, count: int) -> Path:
    """Write a report on a network that takes a tenth of the images of each class for the next one, and all of the first."""
    confusion = np.eye(count, dtype=np.int64) * 9 + np.roll(np.eye(count, dtype=np.int64), 1, axis=1)
    confusion[0] = np.roll(confusion[0] * 0 + (np.arange(count) == 0) * 10, 1)
    confusion[-1] = 0
    details = ValidationDetails(confusion, np.array([[confusion.sum(), 0.8 * confusion.sum(), confusion.diagonal().sum()]]))
    names = [f"a class whose name is long, {number}" for number in range(count)]
    write_class_files(folder, details, names, "a test")
    result = {"task": "evaluate", "dataset": "a test", "val_top1": 89.0, **class_content(details, names)}
    (folder / "result.json").write_text(json.dumps(result))
    ended(folder / "report", "task=report", f"run={folder}")
    return folder / "report.html"
