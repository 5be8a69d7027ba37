"""JPEG files with the sizes and the bytes of photographs, where there is no data set: coloured noise of a falling spectrum."""

from pathlib import Path

import numpy as np
from PIL import Image

IMAGENET_SIZES = ((500, 375), (375, 500), (500, 333), (500, 375), (640, 480), (400, 300), (500, 400), (1024, 768))
"""Most of ImageNet's training images have a longer side of 500 pixels; the mean file has 110 kB."""


def photograph(width: int, height: int, rng: np.random.Generator) -> Image.Image:
    """Return noise with amplitudes of about 1 / frequency, as natural images have, and correlated channels."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    amplitude = 1 / np.maximum(frequency, 1 / max(width, height)) ** 1.15
    planes = []
    for _ in range(4):
        phases = rng.standard_normal(amplitude.shape) + 1j * rng.standard_normal(amplitude.shape)
        plane = np.fft.irfft2(amplitude * phases, (height, width))
        planes.append(plane / plane.std())
    grey, *colours = planes
    pixels = np.stack([120 + 40 * grey + 20 * colour for colour in colours], axis=-1)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def write_photographs(folder: Path, count: int, classes: int, sizes: tuple[tuple[int, int], ...], quality: int) -> float:
    """Write class folders of JPEG files, and return their mean size in bytes."""
    rng, total = np.random.default_rng(0), 0
    for number in range(count):
        path = folder / f"{number % classes:03}" / f"{number:05}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        photograph(*sizes[number % len(sizes)], rng).save(path, quality=quality)
        total += path.stat().st_size
    return total / count
