"""Reading image files."""

import os
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from dataset_files import truncate, write_image
from zen_lightning.data.decode import MAX_PIXELS, CorruptImageError, Reading, as_rgb, check_bytes, decode, decode_pixels
from zen_lightning.data.grey import GreyRange, grey_levels
from zen_lightning.data.opening import FORMATS, open_unlimited
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.proxy.inputs import _load


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("image.tiff" if mode == "CMYK" else "image.png")
    options = {"transparency": b"\x00\x80"} if mode == "P" else {}
    Image.new(mode, (3, 2)).save(path, **options)
    assert (decode(path).mode, decode(path).size) == ("RGB", (3, 2))


def test_sixteen_bits_of_grey(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 256, 32768, 65535]], dtype=np.uint16)).save(tmp_path / "image.png")
    assert np.asarray(decode(tmp_path / "image.png"))[0, :, 0].tolist() == [0, 1, 128, 255]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".gif", ".webp", ".tiff"])
def test_a_damaged_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"image{suffix}"
    for damage in (lambda: truncate(path), lambda: path.write_bytes(b""), lambda: path.write_bytes(b"text")):
        write_image(path, size=(40, 40))
        damage()
        with pytest.raises(
            UserError, match=r"the image .*image\..* cannot be read \(.+\): replace it, or let .* by corrupt=skip"
        ):
            decode(path)


def test_the_error_crosses_processes() -> None:
    error = pickle.loads(pickle.dumps(CorruptImageError("a.png", "truncated")))
    assert (error.path, error.reason) == ("a.png", "truncated")


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"quality": 30}])
def test_jpeg_files_have_the_bits_of_pillow(tmp_path: Path, mode: str, options: dict[str, Any]) -> None:
    path = tmp_path / "image.jpg"
    pixels = np.random.default_rng(0).integers(0, 256, (45, 61, 3), dtype=np.uint8)
    Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(1)).convert(mode).save(path, **options)
    found = decode_pixels(path)
    assert (found.shape, found.flags.c_contiguous) == ((45, 61, 3), True)
    assert np.array_equal(found, np.asarray(Image.open(path).convert("RGB")))
    assert np.array_equal(found, np.asarray(decode(path)))


def test_a_jpeg_file_with_an_end_of_data_missing_is_refused_as_by_pillow(tmp_path: Path) -> None:
    path = tmp_path / "image.jpg"
    write_image(path, size=(64, 64))
    whole = path.read_bytes()
    for share in (0.3, 0.6, 0.9):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(CorruptImageError, match="truncated"):
            decode_pixels(path)


def test_the_sentence_names_the_file_once(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.jpg", tmp_path / "text.png"):
        if path.suffix == ".png":
            path.write_text("text")
        with pytest.raises(CorruptImageError) as caught:
            decode(path)
        assert str(caught.value).count(str(path)) == 1
        assert "BytesIO" not in str(caught.value)


GREYS = {
    "12bit.png": np.linspace(0, 4095, 1920).reshape(40, 48).astype(np.uint16),
    "8bit-in-16.png": np.linspace(0, 255, 1920).reshape(40, 48).astype(np.uint16),
    "8bit-in-32.tiff": np.linspace(0, 255, 1920).reshape(40, 48).astype(np.int32),
    "16bit-in-32.tiff": np.linspace(0, 65535, 1920).reshape(40, 48).astype(np.int32),
    "float01.tiff": np.linspace(0, 1, 1920).reshape(40, 48).astype(np.float32),
    "float255.tiff": np.linspace(0, 255, 1920).reshape(40, 48).astype(np.float32),
}


@pytest.mark.parametrize("name", GREYS)
def test_deep_grey_keeps_its_levels(tmp_path: Path, name: str) -> None:
    Image.fromarray(GREYS[name]).save(tmp_path / name)
    found = np.asarray(decode(tmp_path / name))[..., 0]
    assert len(np.unique(found)) == 256
    assert (found.min(), found.max()) == (0, 255)
    assert np.array_equal(np.argsort(found.ravel(), kind="stable"), np.arange(found.size))


def test_what_is_no_number_is_black() -> None:
    assert grey_levels(np.array([np.nan, -np.inf, np.inf, 0.5], dtype=np.float32)).tolist() == [0, 0, 0, 128]
    assert grey_levels(np.array([np.nan, np.nan], dtype=np.float32)).tolist() == [0, 0]
    assert grey_levels(np.zeros((2, 2), dtype=np.uint16)).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tiff", ".webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_turned_as_exif_says(tmp_path: Path, suffix: str, orientation: int) -> None:
    path = tmp_path / f"image{suffix}"
    upright = Image.fromarray(np.kron(np.arange(6).reshape(2, 3), np.ones((16, 16))).astype(np.uint8) * 50).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if suffix == ".webp" else {"quality": 100} if suffix == ".jpg" else {}
    upright.save(path, exif=exif, **options)
    with Image.open(path) as file:
        expected = np.asarray(ImageOps.exif_transpose(file).convert("RGB")).astype(int)
    found = decode_pixels(path)
    assert found.shape == ((48, 32, 3) if orientation > 4 else (32, 48, 3))
    assert found.flags.c_contiguous
    assert np.abs(found.astype(int) - expected).max() <= 2


def test_negative_values_keep_their_order() -> None:
    hounsfield = np.array([-1024, 0, 1023, 3071], dtype=np.int32)
    assert grey_levels(hounsfield).tolist() == [0, 64, 127, 255]
    assert grey_levels(hounsfield, GreyRange(0, 4096)).tolist() == [0, 0, 63, 191]


@pytest.mark.parametrize("value", ["abc", [1], [1, 2, 3], [2, 1], [0, float("inf")], ["a", "b"], 5])
def test_what_is_no_range_is_refused(value: Any) -> None:
    with pytest.raises(UserError, match=r"grey_range.*black and white"):
        GreyRange.read(value)


def test_negatives_of_sixteen_bits_are_turned_round(tmp_path: Path) -> None:
    path = tmp_path / "negative.tiff"
    Image.fromarray(np.array([[0, 65535]], dtype=np.uint16)).save(path, tiffinfo={262: 0})
    assert decode_pixels(path)[0, :, 0].tolist() == [255, 0]


def test_an_image_of_pillow_is_read_like_its_file(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    Image.fromarray(np.array([[0, 1000, 4095]], dtype=np.uint16)).save(path)
    with Image.open(path) as image:
        assert np.array_equal(as_rgb(image), decode_pixels(path))


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".gif", ".tiff"])
def test_the_size_is_limited_before_anything_is_decoded(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / f"large{suffix}"
    write_image(path, size=(40, 30))
    assert decode_pixels(path, Reading(max_pixels=1200)).shape == (30, 40, 3)
    monkeypatch.setattr(Image.Image, "convert", None)
    with pytest.raises(CorruptImageError, match=r"it has 40 x 30 = 1,200 pixels, and max_pixels is 1199: raise it"):
        decode_pixels(path, Reading(max_pixels=1199))


def test_pillow_does_not_refuse_what_the_limit_allows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.png"
    write_image(path, size=(40, 30))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decode_pixels(path, Reading(max_pixels=2000)).shape == (30, 40, 3)
        with pytest.raises(CorruptImageError, match="max_pixels is 1000: raise it to read such images"):
            decode_pixels(path, Reading(max_pixels=1000))
    assert Image.MAX_IMAGE_PIXELS == 100


def test_orientation_in_xmp_is_heeded_in_jpeg_too(tmp_path: Path) -> None:
    path = tmp_path / "image.jpg"
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    Image.new("RGB", (40, 30)).save(path, xmp=xmp)
    assert decode_pixels(path).shape == (40, 30, 3)


POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n"


def test_no_other_program_is_started_on_an_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow would have Ghostscript run what it finds in a file, whatever its name."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "gs").write_text(f"#!/bin/sh\ntouch {tmp_path / 'mark'}\n")
    (programs / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "x.png").write_bytes(POSTSCRIPT)
    with pytest.raises(CorruptImageError, match="cannot identify image file"):
        decode(tmp_path / "x.png")
    with pytest.raises(CannotScoreError, match="cannot be read"):
        _load(str(tmp_path / "x.png"), 8)
    assert not (tmp_path / "mark").exists()


def test_every_format_is_one_of_pillow() -> None:
    Image.init()
    assert set(FORMATS) <= set(Image.OPEN)


def test_a_pipe_under_the_name_of_an_image_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "one.png")
    with pytest.raises(CorruptImageError, match="a pipe, and must be a file"):
        decode_pixels(tmp_path / "one.png")
    with pytest.raises(OSError, match="a pipe, and must be a file"):
        open_unlimited(tmp_path / "one.png")


def test_a_file_of_gigabytes_is_not_taken_into_memory(tmp_path: Path) -> None:
    (tmp_path / "huge.png").touch()
    os.truncate(tmp_path / "huge.png", 20 * 10**9)  # A hole, which takes no room.
    with pytest.raises(CorruptImageError, match="larger than 1,365 MiB"):
        decode(tmp_path / "huge.png")
    with pytest.raises(CorruptImageError, match=r"gone\.png cannot be read \(No such file or directory\)"):
        decode(tmp_path / "gone.png")


def test_a_huge_image_is_no_traceback_of_a_proxy(tmp_path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(tmp_path / "huge.png")  # 50 kB, and more pixels than Pillow lets pass.
    with pytest.raises(CannotScoreError, match=r"huge\.png cannot be read \(|huge\.png cannot be read: "):
        _load(str(tmp_path / "huge.png"), 32)


def test_the_bytes_of_a_file_have_a_limit(tmp_path: Path) -> None:
    for most in (MAX_PIXELS, 10**9):
        check_bytes(8 * most, most)  # Colours and transparency of 16 bits, not compressed.
    path = tmp_path / "image.tiff"
    path.touch()
    os.truncate(path, 513 * 2**20 + 9)  # It takes no place on the disk.
    with pytest.raises(
        CorruptImageError, match=r"larger than 513 MiB, and max_pixels is 1000: raise it to 67239938 to read"
    ) as refused:
        decode_pixels(path, Reading(max_pixels=1000))
    assert "67239938" in str(refused.value)
    check_bytes(path.stat().st_size, 67239938)
    with pytest.raises(ValueError, match="raise it"):
        check_bytes(path.stat().st_size, 67239937)


def test_what_is_no_image_is_not_taken_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[object] = []
    read = np.fromfile
    monkeypatch.setattr(np, "fromfile", lambda path, dtype: taken.append(path) or read(path, dtype=dtype))
    for name, head in (("text.png", b"text"), ("cut.png", b"\x89PNG\r\n\x1a\n")):
        (tmp_path / name).write_bytes(head)
        os.truncate(tmp_path / name, 40 * 2**20)
        with pytest.raises(CorruptImageError, match=name):
            decode_pixels(tmp_path / name)
    assert not taken
    noise = np.random.default_rng(0).integers(0, 256, (3600, 3600, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "large.tiff")
    assert np.array_equal(decode_pixels(tmp_path / "large.tiff"), noise)
    assert taken == [tmp_path / "large.tiff"]
