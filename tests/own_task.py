"""A task from outside the package: one class; its YAML is in the test."""

from dataclasses import dataclass

from zen_lightning.errors import UserError
from zen_lightning.report.html.markup import element
from zen_lightning.report.html.page import Section
from zen_lightning.runs.names import RESULT
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks


@dataclass
class CountKeys:
    """The keys of the task."""

    word: str = ""
    times: int = 1


def letters(run: RunFolder) -> Section:
    """Return its section of a report."""
    return Section("letters", "Letters", element("p", f"{run.result['letters']} letters"))


class Count(Task[CountKeys]):
    """Counts letters."""

    name = "count"
    Keys = CountKeys
    groups = ("budget",)
    files = (RESULT,)
    sections = (letters,)

    def check(self, checks: Checks) -> None:
        checks.ask("word", lambda config: self._word(config.word))
        checks.tell("times", str(checks.config.times))

    def run(self) -> float:
        count = len(self._word(self.keys.word)) * self.keys.times
        self.leave({"letters": count})
        print(self.listed())
        return float(count)

    def _word(self, word: str) -> str:
        if not word.isalpha():
            raise UserError(key="word", value=word, expected="letters only")
        return word
