"""Images of more than 8 bits whose files say how many are used."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zen_lightning.data import ImageFolder
from zen_lightning.data.decode import Reading, decode_pixels
from zen_lightning.data.grey import GreyRange
from zen_lightning.data.stated_depth import stated_bits, used_bits

pytestmark = pytest.mark.usefixtures("cache")
DARK = np.arange(480, dtype=np.uint16).reshape(20, 24)
"""Values to 479: by themselves of 12 bits."""


def png(values: np.ndarray, bits: int) -> bytes:
    """Return a PNG file that states its bits."""
    file = io.BytesIO()
    Image.fromarray(values).save(file, "PNG")
    head, body = file.getvalue()[:33], file.getvalue()[33:]
    content = b"sBIT" + bytes([bits])
    return head + struct.pack(">I", 1) + content + struct.pack(">I", zlib.crc32(content)) + body


def tiff(values: np.ndarray, **tags: int) -> bytes:
    """Return a TIFF file with tags, by their numbers."""
    file = io.BytesIO()
    Image.fromarray(values).save(file, "TIFF", tiffinfo={int(tag[1:]): value for tag, value in tags.items()})
    return file.getvalue()


def packed_tiff(values: np.ndarray) -> bytes:
    """Return a TIFF file of 12 bits a value, packed."""
    first, second = values.reshape(-1, 2).T.astype(np.uint32)
    packed = np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], 1).astype(np.uint8).tobytes()
    height, width = values.shape
    entries = [
        (256, width),
        (257, height),
        (258, 12),
        (259, 1),
        (262, 1),
        (273, 130),
        (277, 1),
        (278, height),
        (279, len(packed)),
    ]
    tags = b"".join(struct.pack("<HHII", tag, 4 if tag in (273, 279) else 3, 1, value) for tag, value in entries)
    return (b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + tags).ljust(130, b"\0") + packed


def pgm(values: np.ndarray, largest: int) -> bytes:
    """Return a PGM file of 16 bits with a largest value."""
    return f"P5 {values.shape[1]} {values.shape[0]} {largest}\n".encode() + values.astype(">u2").tobytes()


FILES = [
    ("png", png(DARK, 10), DARK >> 2),
    ("png", png(DARK, 14), DARK >> 6),
    ("png", png(DARK << 6, 10), DARK >> 2),  # Scaled, as the standard wants it.
    ("png", png(DARK // 48 << 4, 12), DARK // 48 << 4),  # Dark, and perhaps scaled: by the values alone.
    ("tiff", tiff(DARK, t281=1023), DARK >> 2),
    ("tiff", tiff(DARK, t281=16383), DARK >> 6),
    ("tiff", tiff(DARK, t281=65535), DARK >> 4),
    ("tiff", tiff(DARK, t281=479), DARK >> 4),  # The largest value that this image has.
    ("png", png(DARK * 6, 8), DARK * 6 >> 4),  # Wrong: left over from an image of 8 bits, by the values alone.
    ("png", png(DARK * 6, 1), DARK * 6 >> 4),
    ("png", png(DARK // 2 * 257, 8), DARK // 2),  # Scaled by a factor.
    ("png", png(DARK // 16 * 257, 8), DARK // 16),  # Dark.
    ("png", png(DARK // 12 << 6 | DARK // 12 >> 4, 10), DARK // 12 >> 2),  # With bits repeated, and dark.
    ("tiff", packed_tiff(DARK), DARK >> 4),
    ("pgm", pgm(DARK // 8, 1023), DARK // 8 >> 2),
    ("pgm", pgm(DARK, 65535), DARK >> 4),
]


@pytest.mark.parametrize(("ending", "content", "levels"), FILES, ids=range(len(FILES)))
def test_an_image_is_scaled_by_the_bits_that_it_states(tmp_path: Path, ending: str, content: bytes, levels: np.ndarray) -> None:
    path = tmp_path / f"image.{ending}"
    path.write_bytes(content)
    assert np.array_equal(decode_pixels(path)[:, :, 0], levels)
    assert int(decode_pixels(path, Reading(grey=GreyRange(0, 65536))).max()) <= int(levels.max())  # What is asked for counts.


def test_colours_too(tmp_path: Path) -> None:
    path = tmp_path / "image.tiff"
    colours = np.array([[[0, 512, 1023], [4, 8, 12]]], dtype="<u2")
    # Width, height, bits of each channel, compression, colours, place, channels, rows, bytes, largest value of each channel.
    entries = [(256, 2), (257, 1), (258, 150), (259, 1), (262, 2), (273, 170), (277, 3), (278, 1), (279, 12), (281, 160)]
    tags = b"".join(struct.pack("<HHII", tag, 3, 3 if tag in (258, 281) else 1, value) for tag, value in entries)
    head = b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + tags
    bits, largest = struct.pack("<3H", 16, 16, 16), struct.pack("<3H", 1023, 1023, 1023)
    path.write_bytes((head.ljust(150, b"\0") + bits).ljust(160, b"\0") + largest.ljust(10, b"\0") + colours.tobytes())
    assert decode_pixels(path).tolist() == [[[0, 128, 255], [1, 2, 3]]]


def test_a_folder_says_what_its_files_state(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("cat/1", "cat/2", "dog/1", "dog/2"):
        path = tmp_path / "images" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(DARK if name < "dog" else DARK * 0, 10))
    for _ in range(2):  # Measured, and remembered.
        source = ImageFolder(str(tmp_path / "images"), val_fraction=0.5)
        source.prepare()
        assert source.grey_range == (0, 1024)
        assert "grey_range=[0,1024] for all (10 bits, as the files say)" in capsys.readouterr().err
    (tmp_path / "images" / "dog" / "3.png").write_bytes(png(DARK * 100, 10))
    assert ImageFolder(str(tmp_path / "images"), val_fraction=0.5).grey_range == (0, 65536)


@pytest.mark.parametrize("bits", range(1, 13))
def test_values_of_fewer_bits_are_known_as_scaled(bits: int) -> None:
    values = np.arange(1 << bits, dtype=np.int64)
    repeated, filled = np.zeros_like(values), 0
    while filled < 16:
        shift = 16 - bits - filled
        repeated |= values << shift if shift >= 0 else values >> -shift
        filled += bits
    factor = 65535 / (2**bits - 1)
    for scaled in (
        values << (16 - bits),
        repeated,
        np.rint(values * factor).astype(np.int64),
        (values * factor).astype(np.int64),
    ):
        assert used_bits(bits, scaled) == 16
        dark = scaled[scaled < 4096]
        assert used_bits(bits, dark) in ((16,) if dark.max() >= 1 << bits else (bits, None))
    wrong = np.arange(2936) if bits < 12 else np.arange(0, 65536, 5)
    assert used_bits(bits, wrong) is None


def test_what_is_damaged_states_nothing() -> None:
    content = png(DARK, 10)
    for at in range(8, 60):
        image = Image.new("I;16", (1, 1))
        assert stated_bits(image) is None
        try:
            found = stated_bits(Image.open(io.BytesIO(content[:at] + b"\xff" * 4 + content[at + 4 :])))
        except (OSError, SyntaxError, ValueError):
            continue
        assert found in (None, 10) or 0 < found < 16
