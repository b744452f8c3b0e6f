"""Writes the experiments.yaml of a program that is not Python, from the words that somebody types behind it."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.results.metric_names import UNKNOWN_WAY
from sweeps.authoring.drafting.draft import ASKS_GRID, JUDGED, Draft
from sweeps.authoring.drafting.yaml_text import aligned, scalar, word_text
from sweeps.authoring.given.option_words import is_option
from sweeps.authoring.option import plain_name
from sweeps.authoring.roles import is_format
from sweeps.authoring.source_file import interpreter_of
from sweeps.errors import ScriptError
from sweeps.program.arguments import RESERVED
from sweeps.program.named_paths import is_file, is_folder
from sweeps.program.template import escaped
from sweeps.spec.fields import is_number, is_whole
from sweeps.spec.settings import is_key
from sweeps.spec.sweep_parser import SEED
from sweeps.spec.yaml_writer import comment, typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sweeps.spec.yaml_reader import Value

TYPED = "the words that were typed"
"""What tells the settings of such a program."""
_INTERPRETERS = {
    ".sh": ("sh",),
    ".bash": ("bash",),
    ".zsh": ("zsh",),
    ".ksh": ("ksh",),
    ".r": ("Rscript",),
    ".rscript": ("Rscript",),
    ".jl": ("julia",),
    ".pl": ("perl",),
    ".lua": ("lua",),
    ".rb": ("ruby",),
    ".js": ("node",),
    ".awk": ("awk", "-f"),
}
_SOURCES = (".c", ".cc", ".cpp", ".cxx", ".cu", ".f", ".f90", ".f95", ".rs", ".go")
"""What the source of a compiled program is called."""
_USAGE = re.compile(rb"usage:[ \t]*\S+[ \t]+(?P<words>[^\n\r\0]+)", re.IGNORECASE)
_OUTPUT = re.compile(r"(out|save|dump|result|log_?(dir|file)|prefix)", re.IGNORECASE)
_PATH = re.compile(r"/|[^.]\.[A-Za-z]\w{0,5}$")
_MOST_BYTES = 1 << 24
_LARGEST_SEED = 100
"""A larger whole number that stands alone among the words is likelier to be a size."""
_HEADER = """\
# Written by `sweep init {asked}`, from these words{names}: it ran nothing, and reads the source of Python only.
#   sweep check {file}      says whether it is right, and how many trials there are
#   sweep run {file}        runs them; run it again after an edit or an interruption
# A line `# ? ...` is a question to you. {{run_dir}} is a folder of each trial's own."""

_NAMED = ", which have the names of its line `usage:`"


@dataclass(slots=True)
class _Words:
    """The words of the command, and what they say.

    Attributes:
        command: The words, settings in braces.
        values: The value of each setting.
        unnamed: The settings that nothing names but their place.
        asks_seed: The number that is taken for the seed though nothing says so; empty: there is none.
        seed: The number of the seed; None: there is none.
        place: The word that leads to a place of each trial's own; empty: none does.
    """

    command: list[str] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)
    unnamed: list[str] = field(default_factory=list)
    asks_seed: str = ""
    seed: int | None = None
    place: str = ""


def draft_of_words(program: Path, words: Sequence[str], file: str = "experiments.yaml") -> tuple[Draft, int]:
    """Write the file of a program that is not Python, and count its settings.

    Raises:
        ScriptError: It has to be compiled first.
        OSError: It cannot be read.
    """
    names = _names(program, words)
    found = _read(words, names)
    asked = comment(shlex.join([str(program), "--", *words]))
    command = [*(word_text(escaped(word)) for word in _start(program)), *map(word_text, found.command)]
    lines = [
        f"experiment: {scalar(re.sub(r'[^A-Za-z0-9_.-]+', '-', program.stem).strip('-.') or 'sweeps')}",
        "trainer:",
        *_trainer(program, command, found, file),
        *(["defaults:", *aligned(_defaults(found))] if found.values else []),
        "sweeps:",
        "  first:",
        *_sweep(found),
        f"# measures: {{METRIC: {UNKNOWN_WAY}}}  # {JUDGED}; after a first trial, `sweep metrics {comment(file)}` names them",
    ]
    text = (
        "\n".join(
            [
                *_HEADER.format(
                    asked=asked, file=comment(file), names=_NAMED if names else " alone"
                ).splitlines(),
                *lines,
            ]
        )
        + "\n"
    )
    many = len(found.values) + (found.seed is not None)
    return Draft(text, (), sum("# ? " in line for line in lines)), many


def _start(program: Path) -> list[str]:
    """The words that start a program."""
    path = str(program)
    if program.suffix.lower() in _SOURCES:
        raise ScriptError(
            f"{path} is a source: compile it, and name the program: sweep init ./{program.stem} -- WORDS"
        )
    if runs := interpreter_of(program):
        return [*runs, path]
    if (suffix := program.suffix.lower()) in _INTERPRETERS:
        return [*_INTERPRETERS[suffix], path]
    return [path if "/" in path else f"./{path}"]


def _names(program: Path, words: Sequence[str]) -> list[str]:
    """The names of the words, in a `usage: program N dt seed` of the program, where it has as many."""
    with program.open("rb") as file:
        content = file.read(_MOST_BYTES)
    for usage in _USAGE.finditer(content):
        names = [word.strip(b"<>[]{}()\"'\\,.;") for word in usage["words"].split()]
        texts = [name.decode("ascii", "replace") for name in names]
        if len(texts) == len(words) and all(is_key(text) for text in texts):
            return [SEED if text.lower() == SEED else text for text in texts]
    return []


def _read(words: Sequence[str], names: Sequence[str]) -> _Words:
    found = _Words()
    keys = [_key(words, at, names) for at in range(len(words))]
    place = _place(words, keys)
    seed = next((at for at, key in enumerate(keys) if key.lower().rpartition(".")[2] == SEED), None)
    if seed is None and (seed := _likely_seed(words, keys)) is not None:
        found.asks_seed = words[seed]
    for at, word in enumerate(words):
        head, value = _parted(word)
        number = typed(value)
        if at == place:
            found.place = (
                "{run_dir}" if is_folder(Path(value)) else f"{{run_dir}}/{escaped(Path(value).name)}"
            )
            found.command.append(escaped(head) + found.place)
        elif at == seed and isinstance(number, int):
            found.seed = number
            found.command.append(f"{escaped(head)}{{{SEED}}}")
        elif is_number(number):
            key = _free(keys[at] or f"arg{at + 1}", found.values)
            found.values[key] = number
            found.command.append(f"{escaped(head)}{{{key}}}")
            if not keys[at]:
                found.unnamed.append(key)
        else:
            found.command.append(escaped(word))
    return found


def _parted(word: str) -> tuple[str, str]:
    """What stands before a value, as `--lr=`, and the value."""
    match = re.fullmatch(r"(-{0,2}[A-Za-z_][\w.-]*=)(.+)", word, re.DOTALL)
    return (match[1], match[2]) if match is not None else ("", word)


def _key(words: Sequence[str], at: int, names: Sequence[str]) -> str:
    """The name of a word's value: an option's, or one of the usage; empty: nothing says it."""
    head, _ = _parted(words[at])
    before = words[at - 1] if at and is_option(words[at - 1]) and "=" not in words[at - 1] else ""
    name = plain_name(head.rstrip("=") or before) or (names[at] if names else "")
    return name if is_key(name) and name not in RESERVED else ""


def _place(words: Sequence[str], keys: Sequence[str]) -> int | None:
    """The last word that is called like an output, else that looks like a path and is no file to be read."""
    texts = {
        at: value
        for at, word in enumerate(words)
        if not (is_option(word) and "=" not in word)
        and isinstance(typed(value := _parted(word)[1]), str)
        and not (is_file(Path(value)) or is_format(value))
    }
    outputs = [at for at in texts if _OUTPUT.match(keys[at])]
    paths = [at for at, value in texts.items() if _PATH.search(value) and "://" not in value]
    return next(reversed(outputs or paths), None)


def _likely_seed(words: Sequence[str], keys: Sequence[str]) -> int | None:
    """The last whole number without a name, unless it is the only one and large."""
    whole = [
        at for at, word in enumerate(words) if not keys[at] and is_whole(value := typed(word)) and value >= 0
    ]
    if not whole or (len(whole) == 1 and int(words[whole[0]]) >= _LARGEST_SEED):
        return None
    return whole[-1]


def _free(key: str, taken: dict[str, Value]) -> str:
    return key if key not in taken and key != SEED else f"{key}_{len(taken) + 1}"


def _trainer(program: Path, command: Sequence[str], found: _Words, file: str) -> Iterator[str]:
    yield f"  command: [{', '.join(command)}]"
    if not found.place:
        asked = "no word names a place to write to: does it write beside where it starts?"
        yield f'  # ? cwd: "{{run_dir}}"  # {asked}'
    sources = [program.with_suffix(suffix) for suffix in _SOURCES]
    source = next((path for path in sources if path != program and path.is_file()), None)
    if source is not None:
        yield f"  env: {{SOURCE: {scalar(str(source))}}}  # compared between runs, as the program itself is"
    where = f"where are its metrics? after a trial `sweep metrics {comment(file)}` tells"
    yield f"  # ? metrics:  # {where}; `sweep recipe shell` shows such a file"


def _defaults(found: _Words) -> Iterator[tuple[str, str]]:
    for key, value in found.values.items():
        asked = f"? what is it? rename {key} here, in command: and below" if key in found.unnamed else ""
        yield f"  {scalar(key)}: {scalar(value)}", asked


def _sweep(found: _Words) -> Iterator[str]:
    numbers = [(key, value) for key, value in found.values.items() if isinstance(value, float) and value] or [
        (key, value) for key, value in found.values.items() if isinstance(value, int) and value
    ]
    example = (
        scalar({numbers[-1][0]: [numbers[-1][1], 2 * numbers[-1][1]]}) if numbers else "{KEY: [VALUE, VALUE]}"
    )
    yield f"    {ASKS_GRID} {example}  # which settings shall vary, and over which values?"
    if found.seed is None:
        yield "    set: {}"
        return
    asked = f"  # ? is {found.asks_seed} its seed? If not, rename {{{SEED}}}, with its value under defaults:, and delete this"
    yield f"    seeds: [{found.seed}, {found.seed + 1}]{asked if found.asks_seed else ''}"
