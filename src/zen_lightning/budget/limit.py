"""A cost of a network, and a limit on it. Counts are those of the network without SE."""

import inspect
import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget.written_count import parse_count
from zen_lightning.errors import UserError
from zen_lightning.system.numbers import short_count, tick_text


class Limit(ABC):
    """A limit of a budget, and an objective of a front. Subclass it to bound something else (docs/limits.md).

    All that is said of a cost in tables, plots and files, its class says.

    Args:
        maximum: a value equal to it passes; infinite for an objective that the budget does not limit.

    Attributes:
        name: class attribute: the key under ``budget``, the objective of a front, what files of a front are named by.
        column: class attribute: its name in CSV files and results; ``name`` unless said otherwise.
        title: class attribute: its name in reports and on axes; ``name`` unless said otherwise.
        unit: class attribute: of a value; empty for a count, which is written with a suffix (``250M``).
        repeatable: class attribute: whether a network measures the same each time.
        bounds_depth: class attribute: whether a network within it can have only so many layers.
        bounds_width: class attribute: whether a network within it can have only so many channels.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> class Blocks(Limit):
        ...     name = "blocks"
        ...
        ...     def measure(self, architecture):
        ...         return len(architecture.blocks)
        >>> limit = Blocks(Blocks.read("4"))
        >>> limit.measure(Architecture.parse("SuperConvK3BNRELU(3,8,1,1)")), limit.phrase(limit.maximum)
        (1, '4 blocks')
    """

    name: ClassVar[str]
    column: ClassVar[str]
    title: ClassVar[str]
    unit: ClassVar[str] = ""
    repeatable: ClassVar[bool] = True
    bounds_depth: ClassVar[bool] = False
    bounds_width: ClassVar[bool] = True

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        own = vars(cls)
        if "name" in own:
            cls.column, cls.title = own.get("column", cls.name), own.get("title", cls.name)

    def __init__(self, maximum: float) -> None:
        self.maximum = maximum

    @abstractmethod
    def measure(self, architecture: BaseArchitecture) -> float:
        """Return what the limit bounds. A search calls it once for each candidate: it is best kept fast."""

    @classmethod
    def axis(cls, resolution: int) -> str:
        """Return what the axis of a plot says.

        Args:
            resolution: height and width of the images of a search.
        """
        return cls.heading()

    @classmethod
    def read(cls, value: Any) -> float:
        """Return a maximum that a user wrote: a count such as ``3M``, or in the unit a number above 0.

        Raises:
            UserError: it is not one.
        """
        if not cls.unit:
            return parse_count(value, cls.name)
        try:
            maximum = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            maximum = math.nan
        if not 0 < maximum < math.inf:
            raise UserError(key=cls.name, value=value, expected=f"a number of {cls.unit} above 0")
        return maximum

    @classmethod
    def of(cls, maximum: float, **settings: Any) -> Self:
        """Return the limit, with those of the settings (``resolution``, ``num_classes``) that its constructor has."""
        known = inspect.signature(cls).parameters
        return cls(maximum, **{key: value for key, value in settings.items() if key in known})

    @classmethod
    def heading(cls) -> str:
        """Return the title with the unit, for a column or an axis of bare numbers."""
        return f"{cls.title}, {cls.unit}" if cls.unit else cls.title

    @classmethod
    def number(cls, value: float) -> str:
        """Return a value without its unit."""
        return f"{value:.4g}" if cls.unit else short_count(value)

    @classmethod
    def text(cls, value: float) -> str:
        """Return a value with its unit, as a table has it."""
        return f"{cls.number(value)} {cls.unit}".rstrip()

    @classmethod
    def phrase(cls, value: float) -> str:
        """Return a value as a sentence has it: ``250M FLOPs``."""
        return f"{cls.text(value)} {cls.title}"

    @classmethod
    def tick(cls, value: float) -> str:
        """Return a round value as the axis of a plot says it: without its unit."""
        return cls.number(value) if cls.unit else tick_text(value)
