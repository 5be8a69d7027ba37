"""Numbers and names as text for people."""

from collections.abc import Sequence

_HALF_PERCENT = 0.005


def short_count(value: float) -> str:
    """Return a count with three digits and a suffix.

    Example:
        >>> short_count(597_508_096), short_count(1_041_000), short_count(18)
        ('598M', '1.04M', '18')
        >>> short_count(999_950_000)
        '1.00G'
    """
    for size, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= 0.9995 * size:
            scaled = value / size
            return f"{scaled:.0f}{suffix}" if scaled >= 100 else f"{scaled:.{2 if scaled < 10 else 1}f}{suffix}"
    return f"{value:g}"


def tick_text(value: float) -> str:
    """Return a round count as an axis says it: without the zeros after the point.

    Example:
        >>> tick_text(50_000_000), tick_text(2500), tick_text(0.5)
        ('50M', '2.5k', '0.5')
    """
    text = short_count(value)
    number = text.rstrip("kMG")
    return (number.rstrip("0").rstrip(".") if "." in number else number) + text[len(number) :]


def short_time(seconds: float) -> str:
    """Return a duration in its two largest units.

    Example:
        >>> short_time(17.2), short_time(75), short_time(7260)
        ('17 s', '1 min 15 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def pace(rate: float) -> str:
    """Return a rate as text.

    Example:
        >>> pace(23350.4), pace(1.336)
        ('23,350/s', '1.34/s')
    """
    return f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.2f}/s"


def score_text(value: float) -> str:
    """Return a score as text: large whole numbers in full, others with three decimals, or five digits where those show nothing.

    Example:
        >>> score_text(783132448.0), score_text(-0.1812), score_text(0.00012345678)
        ('783,132,448', '-0.181', '0.00012346')
    """
    if value.is_integer() and abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if value == 0 or 0.01 <= abs(value) < 1e6 else f"{value:.5g}"


def score_cell(value: float | None, error: str = "", standard_error: float | None = None) -> str:
    """Return a score as a table has it: with its standard error, ``-`` for none, or that it could not be had.

    Example:
        >>> score_cell(94.3971, "", 0.0321), score_cell(None), score_cell(None, "no batch norm")
        ('94.397 ± 0.0321', '-', 'cannot score')
    """
    if error:
        return "cannot score"
    return "-" if value is None else score_text(float(value)) + (f" ± {standard_error:.3g}" if standard_error else "")


def megabytes(count: float) -> str:
    """Return a number of bytes as people read it.

    Example:
        >>> megabytes(2_130_706), megabytes(722_400_000), megabytes(512)
        ('2.1 MB', '722 MB', '512 B')
    """
    if count < 100_000:
        return f"{count:,.0f} B"
    return f"{count / 1e6:.1f} MB" if count < 100e6 else f"{count / 1e6:,.0f} MB"


def interval_text(value: float | None, low: float | None = None, high: float | None = None, form: str = ".3f") -> str:
    """Return an estimate with its interval, where it has one.

    Example:
        >>> interval_text(0.7411, 0.71, 0.77), interval_text(0.5, form=".0%"), interval_text(None)
        ('0.741 [0.710, 0.770]', '50%', 'n/a')
    """
    if value is None:
        return "n/a"
    return f"{value:{form}}" + ("" if low is None or high is None else f" [{low:{form}}, {high:{form}}]")


def first_names(names: Sequence[str], most: int) -> str:
    """Return a list of names, the first of them where they are many.

    Example:
        >>> first_names(["cat", "dog", "emu"], 2), first_names(["cat", "dog"], 2)
        ('cat, dog ...', 'cat, dog')
    """
    return ", ".join(names[:most]) + " ..." * (len(names) > most)


def shortened(text: str, longest: int) -> str:
    """Return a text without its middle where it is too long.

    Example:
        >>> shortened("outputs/search/2026-11-27/12-00-00", 20)
        'outputs/.../12-00-00'
    """
    return text if len(text) <= longest else f"{text[: longest - 12]}...{text[-9:]}"


def share_text(share: float) -> str:
    """Return a share in whole percent, one of less than half a percent as such.

    Example:
        >>> share_text(0.314), share_text(0.001), share_text(0)
        ('31%', '<1%', '0%')
    """
    return "<1%" if 0 < share < _HALF_PERCENT else f"{share:.0%}"


def is_number(text: str) -> bool:
    """Whether a text is that of a number, as ``float`` reads it.

    Example:
        >>> is_number("1e-3"), is_number("nan"), is_number("1k")
        (True, True, False)
    """
    try:
        float(text)
    except ValueError:
        return False
    return True
