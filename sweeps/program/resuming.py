"""Which words a command gets when its trial is taken up again: those of `resume:`, where what they go on from is there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.errors import Problem
from sweeps.program.named_paths import is_there
from sweeps.program.template import NEWEST, NoFileError, fill, matching, pattern_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.program.template import TrialValues
    from sweeps.spec.trainer.surroundings import Resume

RUN_DIR = "run_dir"
"""The placeholder of the run's own directory."""
_OWN = f"{{{RUN_DIR}}}"


@dataclass(frozen=True, slots=True)
class Resuming:
    """The words, and when they are added. It travels to the node where the program runs.

    Attributes:
        add: The words, with placeholders.
        when: The file that must be there, or a pattern; None: what `is_plain` says.
        is_plain: Whether the files that the words name must be there; else nothing need be.
    """

    add: tuple[str, ...] = ()
    when: str | None = None
    is_plain: bool = True

    @classmethod
    def of(cls, said: Resume) -> Resuming:
        """As the file has it."""
        return cls(
            tuple(template.text for template in said.add),
            said.when.text if said.when is not None else None,
            said.is_plain,
        )

    def words(self, values: TrialValues) -> tuple[str, ...]:
        """The words with their placeholders filled in, all or none: none where a file that is asked for is not there.

        The folder of the values is where the program runs.
        """
        try:
            words = tuple(fill(text, values) for text in self.add)
            asked = [self._condition(values)] if self.when is not None else []
        except NoFileError:
            return ()
        if self.is_plain:
            own = values.own.get(RUN_DIR)
            asked = [is_there(Path(word[word.index(own) :])) for word in words if own and own in word]
        return words if all(asked) else ()

    def goes_on(self, values: TrialValues) -> bool | None:
        """Whether a program is told to go on where its trial was left off; None: nothing says how, and it is up to the program."""
        return bool(self.words(values)) if self.add else None

    def _condition(self, values: TrialValues) -> bool:
        assert self.when is not None  # noqa: S101 - asked only where there is one
        path = Path(values.folder, fill(self.when, values))
        return is_there(path) or bool(matching(pattern_of(self.when, values), values.folder))


def warnings(said: Resume) -> Iterator[Problem]:
    """Words that are added whether or not there is something to go on from, with what to write in their place."""
    if said.is_plain and said.add and not any(_names_file(template.text) for template in said.add):
        words = ", ".join(template.text for template in said.add)
        yield Problem(
            said.add[0].place,
            f"trainer.resume: [{words}] names no file, so it is added before there is a checkpoint, too; write "
            f'{{when: "{_OWN}/ckpt.pt", add: [{words}]}}, or {{add: [{words}]}} if no file is needed',
        )


def _names_file(text: str) -> bool:
    """Whether a word names what need not be there: the run's directory itself always is."""
    return f"{{{NEWEST}:" in text or bool(text.partition(_OWN)[2].strip("/"))
