"""The files that say what a network makes of each class, and their columns."""

PER_CLASS = "per_class.csv"
"""A row for each class."""

CONFUSION = "confusion.csv"
"""The confusion matrix: a row for each true class, a column for each predicted one."""

CONFUSED_PAIRS = "confused_pairs.csv"
"""Which classes are taken for which, those of the most images first."""

CALIBRATION = "calibration.csv"
"""The bins of the reliability diagram."""

CONFUSION_PICTURE, CALIBRATION_PICTURE = "confusion.png", "calibration.png"

CLASS_FILES = (PER_CLASS, CONFUSION, CONFUSED_PAIRS, CALIBRATION, CONFUSION_PICTURE, CALIBRATION_PICTURE)

PER_CLASS_COLUMNS = ("class", "images", "correct", "top1", "predicted", "precision", "taken_for", "taken_for_images", "note")
PAIR_COLUMNS = ("true", "predicted", "images", "share")
BIN_COLUMNS = ("low", "high", "images", "confidence", "accuracy")

NO_IMAGES = "no images"
"""What stands for the accuracy of a class without images."""
