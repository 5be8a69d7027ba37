"""Tables for GitHub and LaTeX."""

import re

import pytest

from zen_lightning.report.table_formats import latex_table, markdown_table

COLUMNS = ["arch", "val_top1", "params"]
ROWS = [["|a~0|+\n|b_c%", "96.20 ± 0.10", "1.05M ± 70.7k"], ["b", "", "5 & 6"]]


def test_markdown_keeps_its_columns() -> None:
    lines = markdown_table(COLUMNS, ROWS).splitlines()
    assert lines[1] == "| --- | ---: | ---: |"
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {4}
    assert "96.20 ± 0.10" in lines[2]


def test_markdown_holds_no_html_and_no_links_of_names() -> None:
    for name in ("<img src=x onerror=zl()>", "![x](http://zl/x.png)", "[x](javascript:zl())", "<https://zl>"):
        text = markdown_table(["name"], [[name]])
        assert "<" not in text
        assert "](" not in text


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("https://zl.example/x", "https&#58;//zl.example/x"),
        ("see WWW.zl.example", "see WWW&#46;zl.example"),
        (r"a\|b", r"a\\\|b"),
        ("a\\", "a\\\\"),
        (r"[x\](https://zl)", r"[x\\]\(https&#58;//zl)"),
        ("&lt;R&D", "&amp;lt;R&D"),
        ("arch=net: 5", "arch=net: 5"),
    ],
)
def test_markdown_shows_a_name_as_it_is(name: str, written: str) -> None:
    assert markdown_table(["name"], [[name]]).splitlines()[2] == f"| {written} |"


def test_latex_escapes_and_writes_formulas() -> None:
    text = latex_table(COLUMNS, ROWS, comment="50% of\nit")
    assert text.startswith("% 50% of\n% it\n")
    body = [line for line in text.splitlines() if not line.startswith("%")]
    assert body[0] == r"\begin{tabular}{lrr}"
    assert body[2] == r"arch & val\_top1 & params \\"
    assert r"$|$a\textasciitilde{}0$|$+ $|$b\_c\%" in body[4]
    assert r"$96.20 \pm 0.10$ & $1.05\mathrm{M} \pm 70.7\mathrm{k}$ \\" in body[4]
    assert body[5] == r"b &  & 5 \& 6 \\"
    assert [line for line in body if line.startswith("\\")] == [
        body[0],
        r"\toprule",
        r"\midrule",
        r"\bottomrule",
        r"\end{tabular}",
    ]
