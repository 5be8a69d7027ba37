"""Images as people name them for predictions."""

import re
from glob import glob
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from zen_lightning.cli.typed import as_typed
from zen_lightning.data.found_images import find_images
from zen_lightning.errors import UserError
from zen_lightning.system.walked import walk_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a.png", "b.jpg", "c.webp"):
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(wanted: str) -> list[str]:
    return [path.name for path in find_images(wanted).paths]


def test_braces_of_patterns(folder: Path) -> None:
    assert names(f"{folder}/*.{{png,jpg}}") == ["a.png", "b.jpg"]
    assert names(f"{folder}/{{a,b,c}}.{{png,jp{{g,eg}}}}") == ["a.png", "b.jpg"]
    with pytest.raises(UserError, match="no file fits the pattern"):
        names(f"{folder}/{'{a,b}' * 30}")
    (folder / "{a,b}.png").write_bytes((folder / "a.png").read_bytes())
    assert names(f"{folder}/{{a,b}}.png") == ["{a,b}.png"]


def test_a_list_of_a_windows_editor(folder: Path) -> None:
    (folder / "list.txt").write_bytes("\ufeffa.png\r\n\r\nb.jpg\r\n".encode())
    assert names(str(folder / "list.txt")) == ["a.png", "b.jpg"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("list.csv", "a list of images is a .txt file, one a line"),
        ("imgs.zip", "an archive: unpack it, and name its folder"),
        ("film.mp4", "a video: write its frames as images first"),
        ("https://example.com/a.png", "nothing is downloaded: save it as a file first"),
    ],
)
def test_what_is_no_image(name: str, reason: str, folder: Path) -> None:
    if ":" not in name:
        (folder / name).write_bytes(b"x")
    with pytest.raises(UserError, match=reason):
        find_images(name)


def test_files_with_a_scheme(folder: Path) -> None:
    assert names(f"file://{folder}/a.png") == ["a.png"]


def test_several_files_without_brackets(folder: Path) -> None:
    assert as_typed("images=a.png,b.jpg", sweep=False) == f"images=['{folder}/a.png','{folder}/b.jpg']"
    (folder / "a.png,b.jpg").write_bytes(b"x")
    assert as_typed("images=a.png,b.jpg", sweep=False) == f"images='{folder}/a.png,b.jpg'"


def test_links_that_lead_back_are_not_read_again_and_those_that_lead_out_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in ("theirs/a", "theirs/b", "own"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "one.png").touch()
    (tmp_path / "theirs" / "a" / "up").symlink_to("..")
    (tmp_path / "theirs" / "b" / "self").symlink_to(".")
    (tmp_path / "theirs" / "a" / "in").mkdir()
    (tmp_path / "theirs" / "a" / "in" / "loop").symlink_to(tmp_path / "theirs" / "a")
    (tmp_path / "theirs" / "root").symlink_to("/")
    (tmp_path / "theirs" / "more").symlink_to("../own")
    (tmp_path / "own" / "again").symlink_to(".")
    found = [path.relative_to(tmp_path).as_posix() for path in find_images(tmp_path / "theirs").paths]
    assert sorted(found) == ["theirs/a/one.png", "theirs/b/one.png", "theirs/more/one.png"]
    said = capsys.readouterr().err
    assert said == f"{tmp_path}/theirs/more is a link to {tmp_path}/own: the images there are read, too\n"


def test_many_links_are_told_in_one_line_by_one_process(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "lk"
    folder.mkdir()
    for at in range(3):
        (tmp_path / "data" / f"c{at}").mkdir(parents=True)
        (tmp_path / "data" / f"c{at}" / "one.png").touch()
        (folder / f"c{at}").symlink_to(tmp_path / "data" / f"c{at}")
    assert len(find_images(folder).paths) == 3
    what, example = f"3 folders and files in {folder} are links to others", f"{folder}/c0 to {tmp_path}/data/c0"
    said = f"{what} ({example}, ...): the images there are read, too\n"
    assert capsys.readouterr().err == said
    monkeypatch.setenv("RANK", "1")
    assert len(find_images(folder).paths) == 3
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("pattern", ["**/*.png", "*/*/*/*/*/*/*/*/*/*/*/*.png", "**", "*", "**/a/**/*.png", "[ab]/*/**"])
def test_links_that_lead_to_each_other_do_not_make_a_pattern_endless(
    pattern: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = tmp_path / "theirs"
    for name in ("a", "b"):
        (theirs / name).mkdir(parents=True)
        (theirs / name / "one.png").touch()
        for at in range(40):
            (theirs / name / f"{at}").symlink_to("../b" if name == "a" else "../a")
            (theirs / name / f"up{at}").symlink_to("..")
    (theirs / "root").symlink_to("/")
    try:
        found = find_images(f"{theirs}/{pattern}").paths
    except UserError:
        found = []
    assert len(found) <= 6
    assert len(found) >= 2 or pattern.startswith("*/*")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("wanted", ["theirs", "theirs/*", "theirs/*.png", "theirs/**/*.png", "their*/**"])
def test_links_out_of_a_folder_or_a_pattern_are_told(
    wanted: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "theirs").mkdir()
    (tmp_path / "own.png").touch()
    (tmp_path / "theirs" / "one.png").symlink_to("../own.png")
    (tmp_path / "theirs" / "two.png").touch()
    (tmp_path / "theirs" / "same.png").symlink_to("two.png")
    root = "." if wanted.startswith("their*") else "theirs"
    assert names(wanted) == ["one.png", "same.png", "two.png"]
    said = capsys.readouterr().err
    assert said == ("" if root == "." else f"theirs/one.png is a link to {tmp_path}/own.png: it is read, too\n")


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_pattern_finds_what_glob_finds(data: st.DataObject) -> None:
    names_, parts = (
        st.sampled_from(["a", "b", "ab", ".h", "c[1]"]),
        st.sampled_from(["**", "*", "a", "?", "[ab]*", ".*", "c[[]1]"]),
    )
    with TemporaryDirectory() as folder:
        for place in data.draw(st.lists(st.lists(names_, max_size=4), min_size=1, max_size=8)):
            (Path(folder, *place)).mkdir(parents=True, exist_ok=True)
            Path(folder, *place, data.draw(st.sampled_from(["x.png", "y.png", ".q.png"]))).touch()
        pattern = "/".join(
            [folder, *data.draw(st.lists(parts, max_size=4)), data.draw(st.sampled_from(["*.png", "?.png", "[!x]*", "**"]))]
        )
        walk, place_, rest = walk_of(pattern)
        there = {Path(one) for one in glob(pattern, recursive=True) if Path(one).exists()}  # Of none/** it has none itself.
        assert {Path(one) for one in walk.fitting(place_, rest)} == there


@pytest.mark.parametrize(
    ("line", "reason"),
    [("x" * 5000, "File name too long"), ("~nobody-of-that-name/x.png", "there is no such file"), ("no*thing", "no file fits")],
)
def test_an_odd_line_of_a_list_is_missing(line: str, reason: str, folder: Path) -> None:
    (folder / "list.txt").write_text(f"a.png\n{line}\n")
    found = find_images(str(folder / "list.txt"))
    assert [path.name for path in found.paths] == ["a.png"]
    assert [why.partition(" the pattern")[0] for _, why in found.missing] == [reason]


def test_a_list_of_a_pattern_for_each_class_is_taken(folder: Path) -> None:
    for number in range(300):
        (folder / f"c{number}").mkdir()
        (folder / f"c{number}" / "x.png").touch()
    (folder / "list.txt").write_text("".join(f"c{number}/*.png\n" for number in range(300)))
    assert len(find_images(str(folder / "list.txt")).paths) == 300
    (folder / "list.txt").write_text("a.png\n" + "".join(f"gone[{number}].png\n" for number in range(300)))
    found = find_images(str(folder / "list.txt"))
    assert (len(found.paths), len(found.missing)) == (1, 300)


def test_a_list_of_patterns_that_look_at_too_much_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zen_lightning.data.found_images._MOST_LISTED", 1000)
    (folder / "list.txt").write_text("{a,b}{c,d}{e,f}{g,h}*x.png\n" * 300)
    with pytest.raises(UserError, match=r"a list of patterns that look at more than 1,000 files, such as .*x\.png"):
        find_images(str(folder / "list.txt"))


def test_a_list_that_takes_all_memory_is_refused(folder: Path) -> None:
    with (folder / "list.txt").open("ab") as file:
        file.truncate(20 * 10**9)  # A hole, which takes no room.
    with pytest.raises(UserError, match=r"list\.txt is larger than 128 MiB"):
        find_images(str(folder / "list.txt"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("~nobody-of-this-name/one.png", "~nobody-of-this-name/one.png: there is no such file"),
        ("x" * 5000, "File name too long"),
        ("[*" * 10**6, "File name too long"),
    ],
)
def test_lines_that_name_nothing(folder: Path, line: str, reason: str) -> None:
    (folder / "list.txt").write_text(f"{line}\n")
    with pytest.raises(UserError, match=re.escape(reason)):
        find_images(str(folder / "list.txt"))
    (folder / "list.txt").write_text(f"{line}\n{folder}\n")
    found = find_images(str(folder / "list.txt"))
    assert (bool(found.paths), len(found.missing)) == (True, 1)
