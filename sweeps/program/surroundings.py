"""What the file says of a command's surroundings becomes the place where one trial's program runs; and what is wrong with it."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.errors import LaunchError, Problem
from sweeps.program import interpreter, links
from sweeps.program.named_paths import is_file, is_folder
from sweeps.program.resuming import Resuming
from sweeps.program.template import NoFileError, fill, keys_of
from sweeps.program.workplace import Workplace
from sweeps.rundir.paths import command_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sweeps.program.interpreter import Interpreter
    from sweeps.program.template import TrialValues
    from sweeps.spec.trainer.model import TrainerSpec
    from sweeps.spec.trainer.surroundings import Surroundings, Template

SCRIPTS = (".py", ".sh")
"""Words of a command that end so are scripts, where there is such a file."""
PYTHONPATH = "PYTHONPATH"


@dataclass(frozen=True, slots=True)
class Code:
    """The code that a program runs, as far as its surroundings depend on it.

    Attributes:
        copy_of: What the copy has for a file or folder of the code; None: nothing, or there is no copy.
        copy: Where the copy lies; empty: there is none.
        copies: Where all copies lie.
        skipped: Names that are no files of a program's own.
        left_out: Paths that are none.
    """

    copy_of: Callable[[Path], Path | None] = lambda _: None
    copy: str = ""
    copies: str = ""
    skipped: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


def workplace(
    trainer: TrainerSpec, values: TrialValues, label: tuple[str, str], code: Code, caller: Mapping[str, str]
) -> Workplace:
    """Where the program of one trial runs.

    Args:
        trainer: What the file says.
        values: What placeholders stand for.
        label: The sweep and the trial.
        code: The code that it runs.
        caller: The environment of the process that runs `sweep`.

    Raises:
        LaunchError: There is no file of a `{newest:GLOB}`, or a variable or the Python is gone.
    """
    said = trainer.surroundings
    secrets = {variable.name: _of_caller(variable.caller, caller) for variable in said.env if variable.caller}
    written = {
        variable.name: filled(variable.text, values, "env")
        for variable in said.env
        if variable.text is not None
    }
    removed = tuple(v.name for v in said.env if v.text is None and v.caller is None and v.name != PYTHONPATH)
    usual = _usual(values, label)
    known = {name: text for name, text in usual.items() if name not in caller and name not in removed}
    return Workplace(
        folder=folder_of(said, values),
        is_own=said.cwd is not None,
        links=tuple(_links(said, values, code)),
        copies=code.copies,
        variables={name: v for name, v in {**known, **written, **secrets}.items() if name != PYTHONPATH},
        removed=removed,
        secrets=tuple(secrets),
        python=interpreter_of(said),
        resume=Resuming.of(said.resume),
        own=dict(values.own),
        copy=code.copy,
        skipped=code.skipped,
        left_out=code.left_out,
    )


def folder_of(said: Surroundings, values: TrialValues) -> str:
    """Where the program of one trial runs, absolute.

    Raises:
        LaunchError: There is no file of a `{newest:GLOB}`.
    """
    return os.path.normpath(
        Path.cwd() if said.cwd is None else Path.cwd() / filled(said.cwd.text, values, "cwd")
    )


def filled(text: str, values: TrialValues, part: str) -> str:
    """A text with its placeholders filled in.

    Raises:
        LaunchError: There is no file of a `{newest:GLOB}`.
    """
    try:
        return fill(text, values)
    except NoFileError as error:
        raise LaunchError(f"trainer.{part}: no file matches {error}, which {text!r} asks for") from None


def absolute(words: Sequence[str]) -> tuple[str, ...]:
    """A command that means the same in another folder: its scripts and its program by their absolute paths."""
    program = words[:1]
    if program and os.sep in program[0] and is_file(Path(program[0])):
        program = (os.path.abspath(program[0]),)  # noqa: PTH100 - links stay
    return (*program, *(str(script_in(word) or word) for word in words[1:]))


def script_in(word: str, endings: str | tuple[str, ...] = SCRIPTS) -> Path | None:
    """The script that a word of a command names, absolute, where there is such a file; links in it are not followed."""
    path = Path(word)
    return path.absolute() if word.endswith(endings) and is_file(path) else None


def module_of(command: Sequence[str], places: Sequence[Path] = (Path(),)) -> tuple[str, Path] | None:
    """The module of a `-m MODULE` in a command, and the first of some folders that its top package or file lies in."""
    for flag, module in pairwise(command):
        name = module.partition(".")[0]
        for place in places if flag == "-m" else ():
            top = place / name
            if is_folder(top) or is_file(top.with_suffix(".py")):
                return module, place
    return None


def module_places(said: Surroundings, caller: Mapping[str, str]) -> list[Path]:
    """Where a program's Python looks for its own modules: the folder that it runs in, that of `sweep`, and `PYTHONPATH`."""
    run = [Path(said.cwd.text).absolute()] if said.cwd is not None and is_plain(said.cwd) else []
    return [*run, Path.cwd(), *(Path(place).absolute() for place in python_path(said, caller) if place)]


def python_path(
    said: Surroundings, caller: Mapping[str, str], values: TrialValues | None = None
) -> list[str]:
    """The folders of the program's own `PYTHONPATH`: the file's, or else the caller's."""
    for variable in said.env:
        if variable.name == PYTHONPATH:
            text = caller.get(variable.caller, "") if variable.caller else variable.text or ""
            text = fill(text, values) if values is not None and variable.text else text
            return text.split(os.pathsep) if text else []
    inherited = caller.get(PYTHONPATH)
    return inherited.split(os.pathsep) if inherited else []


def interpreter_of(said: Surroundings) -> Interpreter | None:
    """The Python that the file names, if it names one.

    Raises:
        LaunchError: There is none.
    """
    if said.python is None:
        return None
    try:
        return interpreter.find(said.python)
    except LookupError as error:
        raise LaunchError(f"trainer.python: {error}") from None


def secret_texts(said: Surroundings, caller: Mapping[str, str]) -> list[str]:
    """The values of the variables that come from the caller's environment, the longest first."""
    found = {caller.get(variable.caller, "") for variable in said.env if variable.caller is not None}
    return sorted(filter(None, found), key=len, reverse=True)


def problems(trainer: TrainerSpec, caller: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong with a command's surroundings on this machine, each with its place."""
    said = trainer.surroundings
    if said.python is not None:
        try:
            interpreter.find(said.python)
        except LookupError as error:
            yield Problem(trainer.place_of("python"), f"trainer.python: {error}")
    for variable in said.env:
        if variable.caller is not None and variable.caller not in caller:
            remedy = f"`export {variable.caller}=...` before `sweep`"
            yield Problem(
                variable.place,
                f"trainer.env.{variable.name}: there is no {variable.caller} in your environment; {remedy}",
            )
    if said.cwd is not None and is_plain(said.cwd) and not is_folder(Path(said.cwd.text)):
        yield Problem(
            said.cwd.place, f"trainer.cwd: there is no folder {said.cwd.text}; make it, or write {{run_dir}}"
        )
    yield from links.problems(said)


def search_path(said: Surroundings) -> str:
    """The folders that a command's program is looked for in, as `$PATH` has them."""
    if said.python is not None:
        with contextlib.suppress(LookupError):  # which is a problem of its own
            return interpreter.find(said.python).environment(os.environ)["PATH"]
    return command_path()


def _of_caller(name: str, caller: Mapping[str, str]) -> str:
    if name not in caller:
        raise LaunchError(f"trainer.env: there is no {name} in your environment any more")
    return caller[name]


def _usual(values: TrialValues, label: tuple[str, str]) -> dict[str, str]:
    """What a program finds unless the caller's environment or the file says otherwise."""
    sweep, trial = label
    return {
        "PYTHONUNBUFFERED": "1",
        "WANDB_DIR": values.own["run_dir"],
        "WANDB_NAME": trial,
        "WANDB_RESUME": "allow",
        "WANDB_RUN_GROUP": sweep,
        "WANDB_RUN_ID": values.own["run_id"],
    }


def _links(said: Surroundings, values: TrialValues, code: Code) -> Iterator[tuple[str, str]]:
    """What is linked for the program, each with what it leads to: the copy of it, where the code has one."""

    def fill_in(text: str) -> str:
        return filled(text, values, "link")

    for link in said.link:
        target = links.target_of(link, fill_in)
        yield links.name_of(link, fill_in), str(code.copy_of(target) or target)


def is_plain(template: Template) -> bool:
    """Whether a text has no placeholders."""
    try:
        return not keys_of(template.text) and "{" not in template.text
    except ValueError:
        return False  # which is a problem of its own
