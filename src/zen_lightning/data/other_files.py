"""What to do about the files in folders of images that are not read as images, by their endings."""

from collections import Counter

_KINDS = (
    (
        "save them as .jpg or .png to use them",
        (
            ".heic",
            ".heif",
            ".hif",
            ".nef",
            ".cr2",
            ".cr3",
            ".arw",
            ".dng",
            ".orf",
            ".rw2",
            ".raf",
            ".jxl",
            ".svg",
            ".pdf",
            ".psd",
        ),
    ),
    (
        "save them as .png or .tiff to use them, which hold 16 bits",
        (
            ".dcm",
            ".nii",
            ".nrrd",
            ".mha",
            ".fits",
            ".fit",
            ".exr",
            ".hdr",
            ".czi",
            ".nd2",
        ),
    ),
    (  # As often labels and features.
        "if they are images, save them as .png or .tiff to use them, which hold 16 bits",
        (".npy", ".npz", ".mat", ".h5", ".hdf5"),
    ),
    ("save their frames as .jpg or .png to use them", (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".wmv", ".mpg")),
    ("unpack them", (".zip", ".tar", ".tgz", ".gz", ".7z", ".rar")),
    ("rename them if they are images", (".download", ".crdownload", ".part", ".tmp", "without an ending")),
)
"""Endings of photos, measurements, videos, archives and unfinished downloads, each with what to do."""

_COPIES, _OF_COPIES = "rename only those whose image is missing (the others are copies)", ("_original", "~", ".bak")
"""What ExifTool and editors leave beside the images that they change."""


def what_to_do(others: Counter[str]) -> str:
    """Return what to do about files, for the most frequent kind of them; nothing where nothing is known.

    Args:
        others: how many files there are of each ending, in small letters.

    Example:
        >>> what_to_do(Counter({".heic": 3, ".txt": 9})), what_to_do(Counter({".txt": 9}))
        ('save them as .jpg or .png to use them', '')
    """
    for ending, _ in others.most_common():
        for words, endings in _KINDS:
            if ending in endings:
                return words
        if ending.endswith(_OF_COPIES):
            return _COPIES
        if ending.startswith((".jp", ".png", ".webp", ".gif")) and ending[4:5] not in ("", "2"):
            return "rename them if they are images"
    return ""


def listed(others: Counter[str], most: int) -> str:
    """Return how many files there are of each ending, the most frequent first.

    Example:
        >>> listed(Counter({".txt": 2, ".heic": 1300, "hidden": 1}), 2)
        '1,300 .heic, 2 .txt and others'
    """
    named = [f"{count:,} {ending}" for ending, count in others.most_common(most)]
    return ", ".join(named) + (" and others" if len(others) > most else "")
