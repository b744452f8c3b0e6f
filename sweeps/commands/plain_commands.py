"""Writes a file's trials as a plain shell script, which runs without this tool: one command a line."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.results.results import counted
from sweeps.commands.shell import quoted
from sweeps.errors import Place, SweepError
from sweeps.program.arguments import SpellingError, spelled
from sweeps.program.links import name_of
from sweeps.program.named_paths import is_folder
from sweeps.program.surroundings import script_in
from sweeps.program.template import NoFileError, TrialValues, fill, keys_of
from sweeps.runner.inheritance import THREAD_VARIABLES
from sweeps.spec.trainer.arguments import NONE, STYLES, Arguments
from sweeps.spec.yaml_writer import comment
from sweeps.trainer.imports import places_of
from sweeps.trainer.libraries import source_of
from sweeps.trainer.loader import Trainer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sweeps.commands.session import Session
    from sweeps.planning.trial import Trial
    from sweeps.spec.trainer.surroundings import Link, Surroundings
    from sweeps.spec.yaml_reader import Value

RUNS = "runs"
"""Where each trial has the directory that `{run_dir}` names."""

FOLDER = "DIR"
"""Stands in commands for a folder of config files that are not written."""


@dataclass(frozen=True, slots=True)
class PlainScript:
    """A file's trials as a shell script.

    Attributes:
        text: The script.
        copies: The texts of the trials' config files, by the paths that the script names; none where it names no folder that is meant.
    """

    text: str
    copies: Mapping[Path, str]

    def write_copies(self) -> None:
        """Write the config files. What is there already and differs is kept.

        Raises:
            SweepError: A file is there with another text, or cannot be written.
        """
        for path, text in self.copies.items():
            try:
                if path.exists() and path.read_text(encoding="utf-8") != text:
                    raise SweepError(f"{path} is there, and differs; remove it, or name another --folder")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or error
                raise SweepError(f"{path}: cannot be written: {reason}") from None


def plain_commands(
    session: Session, program: str | None = None, style: str | None = None, folder: Path | None = None
) -> PlainScript:
    """The script.

    Args:
        session: The checked file.
        program: For a function: the program that does the same, as a command line with placeholders.
        style: How that program reads its options.
        folder: Below which each trial's copy of the program's config file lies; None: no copies are written, and a word stands for it.

    Raises:
        SweepError: Its trainer is a function and no program is named, a search has no trials yet, or a command needs
            what only `sweep` gives it.
    """
    trainer = _program(session, program, style)
    if trainer.spec.arguments.style == NONE:
        raise SweepError(
            f"{session.request.file}: the program reads $SWEEP_CONFIG, which only `sweep run` writes (args: none)"
        )
    if trainer.config_file is None and folder is not None:
        raise SweepError(
            f"{session.request.file}: has no `config_file:`, so that there is nothing to write; leave out --folder"
        )
    copies: dict[Path, str] = {}
    body = list(_body(session, trainer, folder or Path(FOLDER), copies))
    text = "\n".join([*_head(session, folder, copies), *_unsaid(session, trainer), *body]) + "\n"
    return PlainScript(text, copies if folder is not None else {})


def command_of(session: Session, trial: Trial) -> str:
    """A trial's command: its program's own; the `sweep run` of it alone where that needs what only `sweep` gives, or calls a function."""
    spec = session.spec.trainer
    if spec.run is None and spec.arguments.style != NONE and spec.config_file is None:
        with contextlib.suppress(SweepError):
            return _line(trial, session, session.trainer)[0]
    return session.repeat_command(trial)


def _program(session: Session, program: str | None, style: str | None) -> Trainer:
    """What makes the words of each trial's command."""
    spec = session.spec.trainer
    if spec.run is None:
        if program is not None:
            raise SweepError(
                f"{session.request.file}: has a `command`; --program is for a trainer that is a function"
            )
        if style is not None:
            raise SweepError(
                f"{session.request.file}: has a `command`, and its `args:` say how that reads options; "
                "--args is for the program of --program"
            )
        return session.trainer
    if program is None:
        raise SweepError(_no_program(session, spec.run))
    place = Place("--program")
    try:
        words = tuple(shlex.split(program))
        keys = [(key, place) for word in words if word != "{args}" for key in keys_of(word)]
    except ValueError as error:
        raise SweepError(f"--program {program!r}: {error}") from None
    if not words:
        raise SweepError("--program: is empty; write a command such as 'python train.py {args}'")
    chosen = style or "argparse"
    made = replace(
        spec,
        run=None,
        command=words,
        command_places=(place,) * len(words),
        arguments=Arguments(chosen, STYLES[chosen]),
    )
    return Trainer(made, session.trainer.schema, tuple(keys))


def _no_program(session: Session, run: str) -> str:
    """Why a function has no command line, and what would do."""
    package = run.partition(":")[0].partition(".")[0]
    has_main = source_of(f"{package}.__main__", list(places_of(session.spec.trainer))) is not None
    example = f"python -m {package} ..." if has_main else "python train.py"
    reason = f"{run} is a Python function, which only `sweep` can call"
    remedy = (
        f"name a program that does the same: --program '{example} {{args}} --out {{run_dir}}' --args STYLE"
    )
    return f"{session.request.file}: {reason}; {remedy}"


def _head(session: Session, folder: Path | None, copies: Mapping[Path, str]) -> Iterator[str]:
    profile = f", profile {session.profile}" if session.profile else ""
    begin = f"# The trials of {comment(str(session.request.file))}{profile}, by `sweep commands`."
    yield "#!/bin/bash"
    if copies and folder is None:
        writing = comment(session.command("commands", None, "--folder", FOLDER))
        yield f"{begin} {FOLDER} stands for a folder with the trials' own copies of"
        yield f"# the config file: `{writing}` writes them, and prints the commands with it."
        return
    yield f"{begin} It runs without sweep, and"
    rest = (
        "the config files that it names are the trials' own copies"
        if copies
        else "`sweep import` reads it back"
    )
    yield f"# records nothing; {rest}."


def _unsaid(session: Session, trainer: Trainer) -> Iterator[str]:
    """Which null and false values no word of the commands says, so that they do not come back."""
    trials = [trial for sweep in session.sweeps for trial in sweep.trials if trial in session.selection]
    said: set[str] = set()
    silent: dict[str, None] = {}
    for trial in trials:
        for key, value in _config(trial, session).items():
            if key in trainer.named or not (value is None or value is False):
                said.add(key)
            elif not trainer.is_in_file(key) and not spelled(trainer.spec.arguments, key, value):
                silent[f"{key} (null)" if value is None else key] = None
    # A flag that other trials have is false again where it is missing.
    keys = [key for key in silent if key not in said]
    if keys:
        words = comment(", ".join(keys))
        yield f"# No word says null or false of these, so that `sweep import` leaves them out: {words}."


def _body(session: Session, trainer: Trainer, folder: Path, copies: dict[Path, str]) -> Iterator[str]:
    """The lines of all trials; `copies` gets the config files that they name."""
    count, threads = 0, 0
    for sweep in session.sweeps:
        trials = [trial for trial in sweep.trials if trial in session.selection]
        if sweep.search is not None:
            yield from (
                "",
                f"# sweep {sweep.name} is a search; the record has {counted(len(trials), 'trial')} of it",
            )
        elif trials:
            yield from ("", f"# sweep {sweep.name}")
        if trials and sweep.spec.resources.cpu != threads:
            threads = sweep.spec.resources.cpu
            yield from _threads(threads)
        for trial in trials:
            count += 1
            yield f"# {comment(trial.name)}"
            copy = None
            if trainer.config_file is not None:
                copy = folder / trial.sweep / trial.name / trainer.config_file.name
            line, text = _line(trial, session, trainer, copy)
            if copy is not None and text is not None:
                copies[copy] = text
            yield line
    if not count:
        message = "a search suggests its trials while it runs, and none is recorded yet; run it first"
        raise SweepError(f"{session.request.file}: {message}")


def _threads(count: int) -> Iterator[str]:
    """The lines that hold programs to as many threads as `sweep run` does."""
    yield f"# {'1 thread' if count == 1 else f'{count} threads'}, as `sweep run` sets it (resources: cpu): with another number, sums may differ in their last digits."
    yield f"export {' '.join(f'{name}={count}' for name in THREAD_VARIABLES)}"


def _config(trial: Trial, session: Session) -> dict[str, Value]:
    """The settings that a command says: the program has the defaults of a function itself."""
    if session.spec.trainer.run is None:
        return dict(trial.config)
    return {key: setting.value for key, setting in trial.settings.items()}


def _line(
    trial: Trial, session: Session, trainer: Trainer, copy: Path | None = None
) -> tuple[str, str | None]:
    """The command of one trial, and the text of its config file.

    Raises:
        SweepError: It needs what only `sweep` gives it.
    """
    run_dir, said = f"{RUNS}/{trial.sweep}/{trial.name}", trainer.spec.surroundings
    try:
        outside = _values(trial, session, run_dir, copy)
        folder = fill(said.cwd.text, outside) if said.cwd is not None else None
        values = _values(
            trial, session, _seen(run_dir, folder), None if copy is None else _seen(copy, folder)
        )
        words, text = trainer.arguments(values), trainer.own_text(values)
    except NoFileError as error:
        raise SweepError(
            f"{trial.name}: a file that matches {error} is there only after a run of `sweep`"
        ) from None
    except KeyError as error:
        raise SweepError(
            f"{trial.name}: {{{error.args[0]}}} is no key of the config; name a key that is"
        ) from None
    except SpellingError as error:
        raise SweepError(f"{trial.name}: {error}") from None
    return _Place(said, values, outside, text or "").line(words), text


def _values(trial: Trial, session: Session, run_dir: str, copy: Path | str | None) -> TrialValues:
    return TrialValues.of(
        _config(trial, session),
        run_dir=run_dir,
        trial=trial.name,
        run_id=trial.name,
        trial_config=copy or "",
    )


def _seen(path: Path | str, folder: str | None) -> str:
    """A path as it is named from the folder where a command runs."""
    if folder is None or Path(path).is_absolute():
        return str(path)
    return str(Path(path).absolute()) if Path(folder).is_absolute() else os.path.relpath(path, folder)


class _Place:
    """Where one trial's command runs, in the words of a shell.

    Args:
        said: What the file says.
        values: What placeholders stand for, as seen from where the command runs.
        outside: The same as seen from where the script runs.
        text: What the trial's config file says.
    """

    def __init__(self, said: Surroundings, values: TrialValues, outside: TrialValues, text: str) -> None:
        self._said = said
        self._values = values
        self._outside = outside
        self._text = text
        self._folder = fill(said.cwd.text, outside) if said.cwd is not None else None

    def line(self, words: Sequence[str]) -> str:
        """The words of a command as one line."""
        told = [self._python(words[0]), *words[1:]]
        command = " ".join([*self._variables(), *map(quoted, map(self._from_here, told))])
        parts = [command]
        if self._folder is not None:
            parts = [f"cd {quoted(self._folder)}", *map(self._link, self._said.link), command]
        run_dir, seen = self._outside.own["run_dir"], self._values.own["run_dir"]
        needed = []
        if self._folder is not None and self._said.cwd is not None and self._folder != self._said.cwd.text:
            needed = [self._folder]
        is_inside = any(Path(folder).is_relative_to(run_dir) for folder in needed)
        if not is_inside and any(seen in text for text in (command, self._text)):
            needed.append(run_dir)
        if needed:
            parts.insert(0, f"mkdir -p {' '.join(map(quoted, needed))}")
        text = " && ".join(parts)
        return text if self._folder is None else f"({text})"

    def _link(self, link: Link) -> str:
        """The command that makes a link; what it leads to is as seen from where it lies."""
        assert self._folder is not None  # noqa: S101 - asked only where there is one
        target, name = fill(link.target.text, self._outside), Path(name_of(link, self._filled))
        if not Path(target).is_absolute():
            target = os.path.relpath(target, Path(self._folder, name.parent))
        made = f"ln -sfn {quoted(target)} {quoted(str(name))}"
        return made if name.parent.name in {"", ".."} else f"mkdir -p {quoted(str(name.parent))} && {made}"

    def _filled(self, text: str) -> str:
        return fill(text, self._values)

    def _variables(self) -> Iterator[str]:
        for variable in self._said.env:
            if variable.text is not None:
                yield f"{variable.name}={quoted(fill(variable.text, self._values))}"
            elif variable.caller is not None and variable.caller != variable.name:
                yield f'{variable.name}="${variable.caller}"'
        removed = [v.name for v in self._said.env if v.text is None and v.caller is None]
        if removed:
            yield " ".join(["env", *(f"-u {name}" for name in removed)])

    def _python(self, program: str) -> str:
        named = self._said.python
        if named is None or not re.fullmatch(r"python[\d.]*", program):
            return program
        return str(Path(named) / "bin" / "python") if is_folder(Path(named)) else named

    def _from_here(self, word: str) -> str:
        """A script as it is named from the folder where the command runs."""
        return self._relative(word) if self._folder is not None and script_in(word) is not None else word

    def _relative(self, path: str) -> str:
        assert self._folder is not None  # noqa: S101 - asked only where there is one
        return path if Path(path).is_absolute() else os.path.relpath(path, self._folder)
