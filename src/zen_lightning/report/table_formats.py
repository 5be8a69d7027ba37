"""Tables as text: for GitHub, and for LaTeX with booktabs."""

import re
from collections.abc import Sequence

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
    "<": r"$<$",
    ">": r"$>$",
    "|": r"$|$",
    '"': "''",
}
_MARKDOWN = tuple(
    (re.compile(pattern, re.IGNORECASE), written)
    for pattern, written in (
        (r"\\", r"\\\\"),  # First: else it would escape the backslashes that follow here.
        (r"&(?=#?\w+;)", "&amp;"),
        ("<", "&lt;"),
        (r"\]\(", r"]\\("),
        (r"\|", r"\\|"),
        (r":(?=//)", "&#58;"),
        (r"(?<=www)\.", "&#46;"),
    )
)
"""What stands in GitHub's Markdown for signs of a text. GitHub makes links of addresses anywhere (``https://``, ``www.``)."""

_NUMBER = re.compile(r"(-?[\d.,]+(?:e[+-]?\d+)?)([kMG]?) ± ([\d.,]+(?:e[+-]?\d+)?)([kMG]?)")


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Return a GitHub table.

    Args:
        columns: headings.
        rows: cells.
        left: how many columns, from the first, hold text; numbers after them are aligned right.

    Example:
        >>> print(markdown_table(["proxy", "top-1"], [["zen", "96.20 ± 0.10"]]), end="")
        | proxy | top-1 |
        | --- | ---: |
        | zen | 96.20 ± 0.10 |
    """
    rule = ["---"] * left + ["---:"] * (len(columns) - left)
    lines = [columns, rule, *rows]
    return "".join("| " + " | ".join(map(markdown_text, line)) + " |\n" for line in lines)


def latex_table(columns: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1, comment: str = "") -> str:
    r"""Return a ``tabular`` with the rules of booktabs, to be put into a document by ``\input``.

    Args:
        columns: headings.
        rows: cells.
        left: how many columns, from the first, hold text; numbers after them are aligned right.
        comment: put above it.
    """
    lines = [f"% {line}" for line in [*comment.splitlines(), r"\usepackage{booktabs}"]]
    lines += [rf"\begin{{tabular}}{{{'l' * left}{'r' * (len(columns) - left)}}}", r"\toprule", _latex_row(columns), r"\midrule"]
    lines += [*map(_latex_row, rows), r"\bottomrule", r"\end{tabular}"]
    return "\n".join(lines) + "\n"


def markdown_text(text: str) -> str:
    r"""Return a text for Markdown: no column, no HTML, no link and no picture of whoever gave a class or a folder its name.

    Example:
        >>> print(markdown_text("<b>a|b</b> of https://example.org"))
        &lt;b>a\|b&lt;/b> of https&#58;//example.org
    """
    for pattern, written in _MARKDOWN:
        text = pattern.sub(written, text)
    return _one_line(text)


def latex_text(text: str) -> str:
    r"""Return a cell as LaTeX; a figure with its deviation becomes a formula.

    Example:
        >>> latex_text("96.20 ± 0.10"), latex_text("val_top1")
        ('$96.20 \\pm 0.10$', 'val\\_top1')
    """
    number = _NUMBER.fullmatch(text)
    if number is not None:
        mean, size, std, std_size = number.groups()
        return rf"${mean}{_upright(size)} \pm {std}{_upright(std_size)}$"
    return "".join(_LATEX.get(character, character) for character in _one_line(text))


def _upright(suffix: str) -> str:
    return rf"\mathrm{{{suffix}}}" if suffix else ""


def _latex_row(cells: Sequence[str]) -> str:
    return " & ".join(map(latex_text, cells)) + r" \\"


def _one_line(text: str) -> str:
    return " ".join(text.split())
