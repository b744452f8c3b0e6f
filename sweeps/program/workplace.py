"""Where an attempt's program runs: its folder with what is linked there, its environment, the words that resume it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.program.links import misplaced
from sweeps.program.resuming import RUN_DIR, Resuming
from sweeps.program.template import TrialValues
from sweeps.rundir.paths import command_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sweeps.program.interpreter import Interpreter
    from sweeps.spec.yaml_reader import Value


class WorkplaceError(Exception):
    """The program's folder cannot be made as the file asks; the message says what is in the way."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where an attempt's program runs. It travels to the node where that is, and is made there.

    Attributes:
        folder: Where it runs, absolute.
        is_own: Whether that is a folder of its own, to be made where there is none.
        links: What is linked: the path by which the program reads it, from its folder, and what it leads to.
        copies: Where the copies of the code lie: a link of an earlier attempt to another copy is replaced.
        variables: Of its environment, beside what is inherited.
        removed: Variables that it does not have.
        secrets: Variables whose values are shown nowhere.
        python: Its Python, where that is not sweep's.
        resume: What is added to the command when the trial is taken up again.
        own: What `{run_dir}`, `{trial}` and `{run_id}` stand for.
        copy: Where the copy of its code lies, if it runs one.
        skipped: Names that are no files of a program's own.
        left_out: Paths that are none.
    """

    folder: str
    is_own: bool = False
    links: tuple[tuple[str, str], ...] = ()
    copies: str = ""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    removed: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    python: Interpreter | None = None
    resume: Resuming = field(default_factory=Resuming)
    own: Mapping[str, str] = field(default_factory=dict)
    copy: str = ""
    skipped: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()

    def make(self) -> None:
        """Make the folder and its links; what is there already is kept.

        Raises:
            WorkplaceError: Something else is in the way, or the folder cannot be written.
        """
        if not self.is_own:
            return
        try:
            Path(self.folder).mkdir(parents=True, exist_ok=True)
            for name, target in self.links:
                self._link(name, target)
        except OSError as error:
            reason = f"trainer.cwd: {error.filename or self.folder}: {error.strerror or error}"
            raise WorkplaceError(reason) from error

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """The program's environment."""
        wished = {**inherited, **self.variables}
        if self.python is not None:
            wished = self.python.environment(wished)
        elif "PATH" not in self.variables:
            wished["PATH"] = command_path()
        else:
            wished["PATH"] = command_path(self.variables["PATH"])
        return {name: value for name, value in wished.items() if name not in self.removed}

    def command(
        self, words: Sequence[str], config: Mapping[str, Value], *, is_again: bool
    ) -> tuple[str, ...]:
        """The command as it is started."""
        words = (*words, *(self.resume.words(self._values(config)) if is_again else ()))
        return words if self.python is None else self.python.command(words)

    def secret_texts(self) -> list[str]:
        """The values that are shown nowhere."""
        return [self.variables[name] for name in self.secrets if self.variables.get(name)]

    def goes_on(self, config: Mapping[str, Value]) -> bool | None:
        """Whether the program is told to go on where its trial was left off; None: that is up to the program."""
        return self.resume.goes_on(self._values(config))

    def _values(self, config: Mapping[str, Value]) -> TrialValues:
        return TrialValues(config, self.own, self.folder)

    def _link(self, name: str, target: str) -> None:
        run_dir = self.own.get(RUN_DIR, "")
        if (wrong := misplaced(name, target, self.folder, run_dir)) is not None:
            raise WorkplaceError(f"trainer.link: {wrong}")
        link = Path(os.path.normpath(Path(self.folder, name)))
        if not any(
            link.parent.resolve().is_relative_to(Path(top).resolve()) for top in (self.folder, run_dir) if top
        ):
            remedy = "a link in its path leads elsewhere; link one of the two"
            raise WorkplaceError(f"trainer.link: {link} would be made outside the run's directory: {remedy}")
        link.parent.mkdir(parents=True, exist_ok=True)
        if link.is_symlink():
            led = str(link.readlink())
            if led == target or not self.copies or not Path(led).is_relative_to(self.copies):
                return
            link.unlink(missing_ok=True)  # an earlier attempt's, to the code as it was then
        elif link.exists():
            remedy = "move it away, or take it out of `link:`"
            raise WorkplaceError(f"trainer.link: {link} is in the way of a link to {target}; {remedy}")
        try:
            link.symlink_to(target)
        except FileExistsError:
            if not link.is_symlink():  # else another trial of this folder was faster
                raise
