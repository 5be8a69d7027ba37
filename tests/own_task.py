"""A task from outside the package: one class; its YAML is in the test."""

from dataclasses import dataclass

from zen_lightning.errors import UserError
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks


@dataclass
class CountKeys:
    """The keys of the task."""

    word: str = ""
    times: int = 1


class Count(Task[CountKeys]):
    """Counts letters."""

    name = "count"
    Keys = CountKeys
    groups = ("budget",)
    files = ("result.json",)

    def check(self, checks: Checks) -> None:
        checks.ask("word", lambda config: self._word(config.word))
        checks.tell("times", str(checks.config.times))

    def run(self) -> float:
        letters = len(self._word(self.keys.word)) * self.keys.times
        self.leave({"letters": letters})
        return float(letters)

    def _word(self, word: str) -> str:
        if not word.isalpha():
            raise UserError(key="word", value=word, expected="letters only")
        return word
