"""What a command line asks for: a file and the flags that choose and change its trials, and the commands that ask the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.commands.shell import shell_command

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Request:
    """The file and the flags of one command line.

    Attributes:
        file: The spec's path.
        profile: `--profile`, or None for the file's own.
        overrides: `--set key=value` flags as given.
        sweeps: `--sweep` names; empty: all.
        only: `--only key=value` flags; a trial must match one of each key.
        excepting: `--except key=value` flags; a trial that matches one is left out.
        seeds: `--seeds`, how often each trial is repeated; None: as the file says.
        options: The options of `sweep run` alone, as words.
    """

    file: Path
    profile: str | None = None
    overrides: tuple[str, ...] = ()
    sweeps: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    excepting: tuple[str, ...] = ()
    seeds: int | None = None
    options: tuple[str, ...] = ()

    @property
    def wish(self) -> str:
        """What decides which trials there are, but for the profile: the file's name with `--set` and `--seeds`."""
        words = [self.file.name, *(f"--set {assignment}" for assignment in sorted(self.overrides))]
        return " ".join([*words, *([f"--seeds {self.seeds}"] if self.seeds is not None else [])])

    def command(self, verb: str, uri: str, *options: str, trial: str | None = None) -> str:
        """The shell command of a verb on what this one is about.

        Args:
            verb: The verb.
            uri: The store.
            options: More words, behind all others.
            trial: The trial that it names.
        """
        named = [trial] if trial is not None else []
        sweeps = [word for name in self.sweeps for word in ("--sweep", name)]
        return self.shell(verb, uri, self.profile, *sweeps, *options, before=named)

    def shell(self, verb: str, uri: str, profile: str | None, *words: str, before: Sequence[str] = ()) -> str:
        """The shell command of a verb on the same file, with a profile and the flags that change settings."""
        layers = [*before, *(["--profile", profile] if profile is not None else [])]
        layers += [word for assignment in self.overrides for word in ("--set", assignment)]
        layers += ["--seeds", str(self.seeds)] if self.seeds is not None else []
        return shell_command(verb, self.file, [*layers, *words], uri)
