"""Prints what is wrong with a command, and what it would do."""

from collections.abc import Sequence

from zen_lightning.config.problems import Problem


def print_problems(problems: Sequence[Problem]) -> None:
    """Print a numbered list: the key, what is wrong, what to do."""
    count = len(problems)
    print(f"{count} problem{'s' * (count > 1)}; nothing was started")
    width = len(str(count))
    for number, problem in enumerate(problems, start=1):
        indent = " " * (width + 2)
        print(f"\n{number:>{width}}. {problem.key}")
        for line in problem.what.splitlines():
            print(f"{indent}{line}")
        if problem.remedy:
            print(f"{indent}-> {problem.remedy}")


def print_summary(title: str, lines: Sequence[tuple[str, str]]) -> None:
    """Print headings and texts in two columns.

    Example:
        >>> print_summary("task=search", [("start", "102.6k params"), ("device", "cpu")])
        task=search
          start    102.6k params
          device   cpu
        <BLANKLINE>
    """
    width = max((len(heading) for heading, _ in lines), default=0)
    print(title)
    for heading, text in lines:
        print(f"  {heading:<{width}}   {text}")
    print()
