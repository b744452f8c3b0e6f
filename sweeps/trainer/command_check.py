"""Checks a command before anything runs: is there such a program, such a script, such a module; does it want a shell?"""

from __future__ import annotations

import importlib.machinery
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.errors import Problem, did_you_mean
from sweeps.program import interpreter
from sweeps.program.modules import file_of_module, module_of_script
from sweeps.program.named_paths import is_file, is_folder
from sweeps.program.surroundings import module_places, python_path
from sweeps.spec.trainer.arguments import ARGS
from sweeps.trainer.code_tree import python_files
from sweeps.trainer.libraries import source_of
from sweeps.trainer.words.program_words import Script, file_of, scripts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.errors import Place
    from sweeps.program.modules import Module
    from sweeps.spec.trainer.model import TrainerSpec
    from sweeps.spec.trainer.surroundings import Surroundings

SETTINGS = "SWEEP_CONFIG"
"""The variable by which a program finds the file with its settings."""
_VARIABLE = re.compile(r"\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\})")
_BEFORE_CODE = re.compile(r"-[A-Za-z]*[ce]|--(command|eval)")
_BINARY = re.compile(rb"\x7fELF|MZ|\xca\xfe\xba\xbe|[\xce\xcf]\xfa\xed\xfe|\xfe\xed\xfa[\xce\xcf]")
_READ_BYTES = 1024
_MOST_READ_BYTES = 1 << 20
_PROJECTS = ("pyproject.toml", "setup.py", "setup.cfg")
"""Beside a package, or above its folder, they say that it may be installed."""
_MOST_FILES = 500
"""A project with more Python files is not looked through."""


def command_problems(spec: TrainerSpec, search_path: str) -> Iterator[Problem]:
    """What of a command cannot run as it is written."""
    command, places = spec.command or (), spec.command_places
    is_named = spec.surroundings.python is not None and command[0] in interpreter.NAMES
    if not is_named and (wrong := _program_trouble(command[0], search_path)) is not None:
        yield Problem(places[0], f"trainer.command: {wrong}")
    for script in scripts_of(command):
        word = command[script.at]
        if (
            "{" not in word
            and "}" not in word
            and (wrong := _script_trouble(script, spec, search_path)) is not None
        ):
            yield Problem(places[script.at], f"trainer.command: {wrong}")
    yield from _variable_problems(command, places)


def command_warnings(spec: TrainerSpec, search_path: str) -> Iterator[Problem]:
    """Files of a package that a command runs by their paths, so that Python does not find what they import from it.

    A package that may be installed, or lies on `PYTHONPATH`, is found; nothing makes a relative import work.
    """
    command = spec.command or ()
    for script in scripts_of(command) if command else ():
        path = file_of(script, spec.surroundings) if script.kind == "file" else None
        module = module_of_script(path) if path is not None else None
        if module is None or not module.own_import:
            continue
        if not module.is_relative and _is_found(module, spec, search_path):
            continue
        reason = f"{script.text} imports from its own package (`{module.own_import} ...`), which is not found where a file is run by its path"
        base = os.path.relpath(module.base)
        place = "" if base == "." else f", and `env: {{PYTHONPATH: {base}}}`"
        yield Problem(
            spec.command_places[script.at],
            f"trainer.command: {reason}; write `-m, {module.name}` in its place{place}",
        )


def reads_settings(spec: TrainerSpec) -> bool | None:
    """Whether a program reads `$SWEEP_CONFIG`, as far as its sources say; None where they cannot be read."""
    command = spec.command or ()
    texts = [*(text for text, _ in spec.templates()), *(each.text for each in spec.surroundings.templates())]
    if any(SETTINGS in text for text in texts):
        return True
    scripts = scripts_of(command)
    files = [path for script in scripts if (path := file_of(script, spec.surroundings)) is not None]
    if any(_mentions_settings(path) for path in files):
        return True
    beside = [path for folder in dict.fromkeys(path.parent for path in files) for path in _sources(folder)]
    if len(beside) > _MOST_FILES or not (files or any(script.kind == "code" for script in scripts)):
        return None
    return any(map(_mentions_settings, beside))


def _program_trouble(program: str, search_path: str) -> str | None:
    """Why a program cannot be started, with what to do; None where it can, or where nobody knows."""
    found = shutil.which(program, path=search_path)
    if found is not None:
        return _form_trouble(program, Path(found))
    if program == ARGS:
        return None  # told where the file is read
    here = Path(program)
    if is_folder(here):
        return f"'{program}' is a directory, not a program"
    if is_file(here) and os.sep in program:
        return f"'{program}' is not executable; write [{_interpreter(program)}, {program}, ...], or make it so with chmod +x"
    trouble = f"there is no program '{program}' on the PATH or here"
    if is_file(here):
        return f"{trouble}, but a file of that name: write [{_interpreter(program)}, {program}, ...]"
    if (match := _VARIABLE.search(program)) is not None:
        return f"{trouble}; no shell fills in {match[0]}: write the program's path"
    if len(words := program.split()) > 1:
        return f"{trouble}; write each word as one of the list: [{', '.join(words)}]"
    return trouble


def _form_trouble(program: str, path: Path) -> str | None:
    """What keeps the system from starting an executable file."""
    try:
        with path.open("rb") as file:
            begin = file.read(_READ_BYTES)
    except OSError:
        return None  # may be executable and not readable
    if begin.startswith(b"#!"):
        line = begin[2:].split(b"\n", 1)[0]
        words = line.split()
        if line.endswith(b"\r"):
            return f"the first line of '{program}' ends as on Windows (\\r\\n); save it with \\n"
        interpreter = os.fsdecode(words[0]) if words else ""
        if not is_file(Path(interpreter)):
            return f"the first line of '{program}' names no program: '#!{os.fsdecode(line).strip()}'"
    elif not _BINARY.match(begin) and b"\0" not in begin:
        remedy = f"write [{_interpreter(program)}, {program}, ...]"
        return f"'{program}' begins with no #! line, so that the system cannot start it; {remedy}"
    return None


def _interpreter(file: str) -> str:
    return "python" if file.endswith(".py") else "sh"


def _script_trouble(script: Script, spec: TrainerSpec, search_path: str) -> str | None:
    """Why what an interpreter is to run cannot be found."""
    if script.kind == "module":
        is_known = script.is_direct and _is_this_python(spec, search_path)
        return _module_trouble(script.text, spec.surroundings) if is_known else None
    if script.kind == "code":
        return None
    path = Path(script.text)
    if path.suffix.lower() == ".ipynb":
        return f"'{script.text}' is a notebook, which Python cannot run; `sweep recipe a-notebook` shows what can"
    if is_file(path):
        return None
    if is_folder(path):
        if (path / "__main__.py").is_file():
            return None
        return f"'{script.text}' is a directory without a __main__.py, not a script"
    beside = Path(spec.place.file).parent / path
    if not path.is_absolute() and is_file(beside):
        return f"there is no '{script.text}' here, but beside the file; run `sweep` there, or write {beside}"
    names = [other.name for other in _listed(path.parent) if other.suffix == path.suffix]
    return f"there is no script '{script.text}'{did_you_mean(path.name, names)}"


def _module_trouble(module: str, said: Surroundings) -> str | None:
    """Why `python -m` would not find a module; nothing is imported."""
    places = [*map(str, module_places(said, os.environ)), *sys.path]
    found = source_of(module, places)
    if found is not None and found.name == "__init__.py":
        if source_of(f"{module}.__main__", places) is None:
            return f"the package {module} has no __main__.py, so that `-m` cannot run it"
        return None
    if found is not None or _may_be_found(module, places):
        return None
    below = file_of_module(module, [path for path in _listed(Path.cwd()) if path.is_dir()])
    hint = f"; it lies in {below[1].name}/: write `env: {{PYTHONPATH: {below[1].name}}}`" if below else ""
    return f"there is no module {module} here or among the installed packages{hint}"


def _may_be_found(module: str, places: Sequence[str]) -> bool:
    """Whether a module without a Python file of its own may be there: built in, compiled, or found in another way."""
    top, _, inner = module.partition(".")
    if inner:
        package = source_of(top, places)
        if package is not None and package.name == "__init__.py":
            folder = package.parent.joinpath(*inner.split(".")[:-1])
            name = module.rpartition(".")[2]
            return any((folder / f"{name}{end}").is_file() for end in importlib.machinery.EXTENSION_SUFFIXES)
    others = [finder for finder in sys.meta_path if finder is not importlib.machinery.PathFinder]
    return any(finder.find_spec(top, None) is not None for finder in others) or (
        importlib.machinery.PathFinder.find_spec(top, list(places)) is not None
    )


def _is_found(module: Module, spec: TrainerSpec, search_path: str) -> bool:
    """Whether the program's Python finds a script's package, or may, wherever the script lies."""
    places = [Path(place).absolute() for place in python_path(spec.surroundings, os.environ) if place]
    if module.base in places:
        return True
    if _is_this_python(spec, search_path):
        elsewhere = [place for place in sys.path if place and Path(place).absolute() != module.base]
        return _may_be_found(module.name.partition(".")[0], elsewhere)
    return any(
        (folder / name).is_file() for folder in (module.base, module.base.parent) for name in _PROJECTS
    )


def _is_this_python(spec: TrainerSpec, search_path: str) -> bool:
    said = spec.surroundings
    if said.python is not None or any(variable.name == "PATH" for variable in said.env):
        return False
    program = shutil.which((spec.command or ("",))[0], path=search_path)
    return program is not None and Path(program).parent == Path(sys.executable).parent


def _sources(folder: Path) -> list[Path]:
    """The Python files of a folder and below, a few more than are read at most."""
    found = []
    for path in python_files(folder):
        found.append(path)
        if len(found) > _MOST_FILES:
            break
    return found


def _mentions_settings(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return SETTINGS.encode() in file.read(_MOST_READ_BYTES)
    except OSError:
        return False


def _variable_problems(command: Sequence[str], places: Sequence[Place]) -> Iterator[Problem]:
    """Words that only a shell would fill in; those that are code, or prose, are left alone."""
    for before, word, place in zip(command, command[1:], places[1:], strict=False):
        match = _VARIABLE.search(word)
        if match is not None and not _BEFORE_CODE.fullmatch(before) and not re.search(r"\s", word):
            remedy = "write its value, have the program read the variable, or start a shell: [sh, -c, '...']"
            yield Problem(place, f"trainer.command: {word!r}: no shell fills in {match[0]}; {remedy}")


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
