"""Array types."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Numbers = NDArray[Any]
"""Integers or floating-point numbers."""

NEVER = -np.inf
"""The value of states that are not allowed."""
