"""Writes images of every mode in every format that Pillow writes, and reads them: are levels and orientation right?

    python campaigns/images.py --count 8000

Each mode, format, orientation and depth is tried once, and what is left of the count is drawn, with other sizes. So are 16 bits
a channel of colour, which Pillow does not write: PNG, TIFF and PPM whose values fill 8, 12 or 16 of the bits. What a file may
come to:

- right: the 8 bits that were written, up to what the format loses;
- refused: a sentence says that it cannot be read (a format or mode that Pillow writes and does not read; lost bits);
- not held: Pillow does not write this mode in this format, or the file does not hold these values, or no EXIF;
- wrong: anything else, a fault.

Endings that a dataset does not take for images are counted apart: such files are left out with a line that names them.
"""

import sys
import tempfile
import warnings
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

import deep_files
from campaign import arguments, reported, table
from zen_lightning.data.decode import CorruptImageError, decode_pixels
from zen_lightning.data.folder_index import EXTENSIONS

Image.init()
FORMATS = sorted(Image.SAVE)
MODES = (
    *("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV"),
    *("I", "I;16", "I;16B", "I;16L", "F"),
)
DEEP = {"I": (np.int32, (8, 12, 16, 24)), "I;16": (np.uint16, (8, 12, 16)), "I;16B": (np.dtype(">u2"), (8, 12, 16))}
DEEP["I;16L"] = DEEP["I;16"]
ORIENTATIONS = (1, 2, 3, 4, 5, 6, 7, 8)
OUTCOMES = ("right", "refused", "not held", "wrong")

LOSSY = {
    "JPEG": 12.0,
    "MPO": 12.0,
    "WEBP": 6.0,
    "AVIF": 8.0,
    "JPEG2000": 4.0,
    "GIF": 8.0,
    "ICNS": 12.0,
    "BLP": 12.0,
    "DDS": 4.0,
}
"""Mean difference of levels that a format may lose, at its best quality. A choice: several times what is seen; a wrong
orientation or a wrong range comes to 30 and more."""

INEXACT = {"LAB": 2.0, "HSV": 2.0}
"""Likewise of modes whose 8 bits are not those of red, green and blue."""

BEST: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "MPO": {"quality": 95, "subsampling": 0},
    "WEBP": {"lossless": True, "exact": True},
    "AVIF": {"quality": 95, "subsampling": "4:4:4"},
}


class Case(NamedTuple):
    """An image to write and to read.

    Attributes:
        mode: its mode.
        format: the format of the file.
        orientation: what EXIF says; 1: nothing.
        bits: of its grey values, of modes of more than 8; 0: floating point from 0 to 1.
        width: in pixels.
        height: likewise.
        deep: how 16 bits a channel of colour are written.
    """

    mode: str
    format: str
    orientation: int = 1
    bits: int = 8
    width: int = 48
    height: int = 40
    deep: deep_files.Kind | None = None


def cases() -> list[Case]:
    """Return every mode in every format, with every orientation and every depth."""
    found = []
    for mode, name in product(MODES, FORMATS):
        depths = (0, 8, 16) if mode == "F" else DEEP[mode][1] if mode in DEEP else (8,)
        found += [Case(mode, name, orientation, bits) for orientation in ORIENTATIONS for bits in depths]
    for kind, orientation, bits in product(deep_files.KINDS, ORIENTATIONS, (8, 12, 16)):
        if kind.format != "PPM" or orientation == 1:
            found.append(Case(f"{kind.channels} channels", kind.format, orientation, bits, deep=kind))
    return found


def drawn(count: int, seed: int) -> list[Case]:
    """Return cases with drawn sizes."""
    rng, known = np.random.default_rng(seed), cases()
    picked = [known[at] for at in rng.integers(0, len(known), max(0, count))]
    return [case._replace(width=int(rng.integers(17, 97)), height=int(rng.integers(17, 97))) for case in picked]


def made(case: Case) -> tuple[Image.Image, NDArray[np.uint8]]:
    """Return an image as it is written, and its 8 bits as they are to be read, before it is turned.

    A ramp from the upper left, which no turn leaves as it is; the brightest value is the largest of its depth.
    """
    rows, columns = np.mgrid[0 : case.height, 0 : case.width]
    ramp = (2 * rows / (case.height - 1) + columns / (case.width - 1)) / 3
    if case.mode == "F":
        values = ramp if case.bits == 0 else np.rint(ramp * (2**case.bits - 1))
        levels = 256 * ramp if case.bits == 0 else values * 2.0 ** (8 - case.bits)
        return Image.fromarray(values.astype(np.float32)), _grey(levels)
    if case.mode in DEEP:
        kind = DEEP[case.mode][0]
        values = np.rint(ramp * (2**case.bits - 1)).astype(kind)
        image = Image.fromarray(values) if case.mode in ("I", "I;16") else _deep(values, case.mode)
        return image, _grey(values.astype(float) * 2.0 ** (8 - case.bits))
    grey = np.rint(255 * ramp).astype(np.uint8)
    colours = np.stack([grey, 255 - grey, grey // 2], axis=2)
    image = Image.fromarray(colours)
    if case.mode in ("1", "L", "LA", "La", "P", "PA"):
        image = Image.fromarray(grey)
    if case.mode == "1":
        image = image.point(lambda value: 255 * (value > 127)).convert("1")
        return image, np.asarray(image.convert("RGB"))
    image = _converted(image, case.mode)
    if case.mode in ("L", "LA", "La"):
        return image, _grey(grey)
    return image, np.asarray(colours if case.mode in ("LAB", "HSV", "RGBa") else image.convert("RGB"))


def written(case: Case, path: Path) -> bool:
    """Write the image of a case; False where Pillow does not."""
    image, _ = made(case)
    options = dict(BEST.get(case.format, {}))
    if case.format == "ICO":
        options["sizes"] = [image.size]
    if case.orientation > 1:
        exif = Image.Exif()
        exif[0x0112] = case.orientation
        options["exif"] = exif
    try:
        image.save(path, case.format, **options)
    except Exception:  # Many kinds: what a format does not take.
        path.unlink(missing_ok=True)
        return False
    return path.exists() and path.stat().st_size > 0


def outcome(case: Case, folder: Path) -> tuple[str, str]:
    """Write, read and judge one case; return the outcome, and what is wrong."""
    path = folder / f"image{_ending(case.format)}"
    if case.deep is not None:
        return deep_outcome(case, case.deep, path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not written(case, path):
            return "not held", ""
        image, expected = made(case)
        kept = _held(path, case, np.asarray(image))
    if kept is None:
        return "not held", ""
    expected = kept if kept.size else expected
    upright = np.asarray(_turn(Image.fromarray(expected), case.orientation)).astype(float)
    try:
        found = decode_pixels(path).astype(float)
    except CorruptImageError:
        return "refused", ""
    if case.format == "ICNS":  # It holds icons of 1024 pixels at most, whatever is written.
        found = np.asarray(Image.fromarray(found.astype(np.uint8)).resize((upright.shape[1], upright.shape[0]))).astype(float)
    if found.shape != upright.shape:
        return "wrong", f"shape {found.shape} instead of {upright.shape}"
    off = float(np.abs(found - upright).mean())
    allowed = LOSSY.get(case.format, 0.0) + INEXACT.get(case.mode, 0.0)
    return ("right", "") if off <= allowed else ("wrong", f"{off:.1f} levels off on average")


def deep_outcome(case: Case, kind: deep_files.Kind, path: Path) -> tuple[str, str]:
    """Write, read and judge one case of 16 bits a channel of colour, exactly; those whose bits are lost must be refused."""
    rows, columns = np.mgrid[0 : case.height, 0 : case.width]
    ramp = (2 * rows / (case.height - 1) + columns / (case.width - 1)) / 3
    top = 2**case.bits - 1
    values = np.stack([np.rint(share * top) for share in (ramp, 1 - ramp, ramp / 2, ramp)], axis=2).astype(np.uint16)
    deep_files.write(
        path, values[:, :, -kind.channels :] if kind.channels == 2 else values[:, :, : kind.channels], kind, case.orientation
    )
    colours = values[:, :, [2, 2, 2]] if kind.channels == 2 else values[:, :, :3]
    levels = (colours >> case.bits - 8).astype(np.uint8)
    lost = kind.is_lost and case.bits < 16
    try:
        found = decode_pixels(path)
    except CorruptImageError as error:
        return ("refused", "") if lost else ("wrong", error.reason)
    upright = np.asarray(_turn(Image.fromarray(levels), case.orientation))
    if lost or found.shape != upright.shape or not np.array_equal(found, upright):
        return "wrong", "lost bits are not named" if lost else "other levels or orientation"
    return "right", ""


def run(all_of: list[Case], folder: Path) -> tuple[dict[str, Counter[str]], list[str]]:
    """Judge cases; return the outcomes by format, and what is wrong."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in FORMATS}
    faults = []
    for case in all_of:
        result, why = outcome(case, folder)
        counts[case.format][result] += 1
        if why:
            faults.append(f"{case}: {why}")
    return counts, faults


def main(words: list[str] | None = None) -> int:
    """Run the campaign; return 1 where an image is read wrongly."""
    options = arguments("Writes and reads images of every mode and format.", 8000).parse_args(words)
    every = cases()
    chosen = (
        every + drawn(options.count - len(every), options.seed)
        if options.count > len(every)
        else drawn(options.count, options.seed)
    )
    figures: dict[str, Any] = {"inputs": len(chosen)}
    with reported("images", options, figures), tempfile.TemporaryDirectory() as folder:
        counts, faults = run(chosen, Path(folder))
        total = sum(counts.values(), Counter[str]())
        figures.update({name.replace(" ", "_"): total[name] for name in OUTCOMES}, faults=faults[:50])
        rows = [
            [name, *(counts[name][result] for result in OUTCOMES), "" if _ending(name) in EXTENSIONS else "left out, told"]
            for name in FORMATS
        ]
        print(table(["format", *OUTCOMES, "in a dataset"], rows))
    return int(bool(faults))


def _grey(levels: NDArray[Any]) -> NDArray[np.uint8]:
    grey = np.floor(levels).clip(0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _deep(values: NDArray[Any], mode: str) -> Image.Image:
    return Image.frombytes(mode, (values.shape[1], values.shape[0]), values.tobytes())


def _converted(image: Image.Image, mode: str) -> Image.Image:
    if mode == "LAB":
        from PIL import ImageCms

        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        found = ImageCms.profileToProfile(image.convert("RGB"), srgb, lab, outputMode="LAB")
        assert found is not None
        return found
    if mode == "PA":
        return image.convert("P").convert("PA")
    if mode in ("La", "RGBa"):
        return image.convert("LA" if mode == "La" else "RGBA").convert(mode)
    return image.convert(mode)


def _ending(name: str) -> str:
    known = [ending for ending, of in Image.registered_extensions().items() if of == name]
    usual = {"JPEG": ".jpg", "TIFF": ".tiff", "PNG": ".png", "JPEG2000": ".jp2", "PPM": ".ppm", "MPO": ".mpo"}
    return usual.get(name) or (known[0] if known else f".{name.lower()}")


def _held(path: Path, case: Case, values: NDArray[Any]) -> NDArray[np.uint8] | None:
    """Return what a file that was written holds, if not what was written: None where the values or the orientation are lost.

    Empty where it holds all; where colours have become grey, that grey.
    """
    everything: NDArray[np.uint8] = np.empty(0, dtype=np.uint8)
    try:
        with Image.open(path) as image:
            image.load()
            deep, orientation, content = image.mode.startswith(("I", "F")), image.getexif().get(0x0112), np.asarray(image)
    except Exception:
        return everything  # It cannot be read: refused is what is expected.
    upright = getattr(image, "tag_v2", None) is not None  # Pillow turns TIFF as it reads, and drops the tag.
    if case.orientation > 1 and orientation != case.orientation and not upright:
        return None
    if case.mode not in DEEP and case.mode != "F":
        grey = Image.fromarray(made(case)[1]).convert("F")
        return _grey(np.asarray(grey)) if deep else everything
    same = deep and np.array_equal(np.sort(content.astype(float), axis=None), np.sort(values.astype(float), axis=None))
    return everything if same else None


def _turn(image: Image.Image, orientation: int) -> Image.Image:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.info["exif"] = exif.tobytes()
    turned = ImageOps.exif_transpose(image)
    return turned if turned is not None else image


if __name__ == "__main__":
    sys.exit(main())
