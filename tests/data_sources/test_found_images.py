"""Images as people name them for predictions."""

from pathlib import Path

import pytest
from PIL import Image

from zen_lightning.cli.typed import as_typed
from zen_lightning.data.found_images import find_images
from zen_lightning.errors import UserError


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
    said = (
        f"3 folders in {folder} are links to others ({folder}/c0 to {tmp_path}/data/c0, ...): the images there are read, too\n"
    )
    assert capsys.readouterr().err == said
    monkeypatch.setenv("RANK", "1")
    assert len(find_images(folder).paths) == 3
    assert capsys.readouterr().err == ""


def test_a_list_that_takes_all_memory_is_refused(folder: Path) -> None:
    with (folder / "list.txt").open("ab") as file:
        file.truncate(20 * 10**9)  # A hole, which takes no room.
    with pytest.raises(UserError, match=r"list\.txt is larger than 128 MiB"):
        find_images(str(folder / "list.txt"))
