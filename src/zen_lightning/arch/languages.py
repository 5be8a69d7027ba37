"""Which language a text is written in."""

from zen_lightning.arch.architecture import Architecture
from zen_lightning.arch.base import BaseArchitecture
from zen_lightning.arch.cell import CellArchitecture


def parse_architecture(text: str) -> BaseArchitecture:
    """Return the architecture that a text names, in whichever language it is: cells begin with ``|``, super-blocks do not.

    Args:
        text: one line, white space around it allowed.

    Raises:
        ArchitectureError: with the position and what was expected there.

    Example:
        >>> type(parse_architecture("SuperConvK3BNRELU(3,8,1,1)")).__name__
        'Architecture'
    """
    return CellArchitecture.parse(text) if text.lstrip().startswith("|") else Architecture.parse(text)
