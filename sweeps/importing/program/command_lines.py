"""Turns command lines of one program into a file: the command, what all of them have in common, and the sweeps."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sweeps.errors import SweepError
from sweeps.importing.imported import Imported, sweeps_of
from sweeps.importing.program.lines import Found, Line, lines_of_one_form, lines_of_one_program
from sweeps.importing.program.outputs import output_word
from sweeps.importing.program.overrides import overrides_apart
from sweeps.importing.program.positional import place_of_each, positional_settings, positions
from sweeps.importing.program.repeats import seed_option
from sweeps.importing.program.rewriting import are_alike, words_of
from sweeps.importing.program.source import Source
from sweeps.importing.program.spelling import (
    Misfit,
    Spelled,
    arguments_of,
    config_of,
    spelling_of,
    unescaped,
    with_no_flags,
    words_again,
)
from sweeps.importing.studies.describe import describe
from sweeps.planning.fingerprint import Fingerprinter
from sweeps.program.template import escaped
from sweeps.spec.trainer.arguments import OVERRIDES
from sweeps.spec.trainer.surroundings import is_secret
from sweeps.spec.yaml_writer import typed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sweeps.authoring.given.option_words import Option
    from sweeps.importing.program.source import Reads
    from sweeps.importing.shell.script import Script
    from sweeps.importing.studies.study import Description
    from sweeps.spec.yaml_reader import Value

MOST_LISTED = 5_000
"""More trials than this, one by one, are no file that anybody reads."""
_MOST_CELLS = 4_000_000
"""Keys times lines; a text of the size that is read has no more unless most lines lack most keys."""
_DEVICES = re.compile(r"(CUDA|HIP|ROCR|NVIDIA)_VISIBLE_DEVICES")
_CUDA = re.compile(r"cuda:\d+")


def of_script(
    script: Script, what: str, style: str | None = None, reads: Reads = lambda *_: None
) -> Imported:
    """The file that runs the commands of a script.

    Args:
        script: The script.
        what: Where it comes from, in words.
        style: How its program reads options (`args:`), where that is known.
        reads: Reads the source of a program, given its words and those that follow them; None: it has none that can be read.

    Raises:
        SweepError: There is no command in it, or too many that have nothing in common.
    """
    found = Found(dict(script.left_out), dict(script.notes))
    lines = lines_of_one_program(script.commands, found)
    if not lines:
        raise SweepError("\n".join([f"{what}: holds no command that starts a program", *_reasons(found)]))
    source = reads(lines[0].head, lines[0].arguments.before) or Source()
    lines = lines_of_one_form(source.with_configs_first(lines, found), found)
    lead = overrides_apart(lines, source.taking)
    style = style or (OVERRIDES if lead is not None else None)
    style = style or source.style_of([line.arguments.options for line in lines])
    negated = with_no_flags([line.arguments.options for line in lines], style, source.negated)
    for line, options in zip(lines, negated, strict=True):
        line.arguments.options = options
    unsaid = source.outputs(lines, found)
    outputs = [*_outputs(lines, found), *unsaid]
    seeded, seeds = seed_option(lines, found)
    env = _environment(lines, found)
    several = _several(lines)
    spelled = spelling_of([line.arguments.options for line in lines], style, lead)
    places = place_of_each(lines, found)
    positional = positions(
        lines,
        [*spelled.key_of.values(), *(key for given in (*env, *seeds) for key in given)],
        found,
        places,
    )
    settings = [
        {**given, **seed, **words}
        for given, seed, words in zip(env, seeds, positional_settings(lines, positional), strict=True)
    ]
    configs = _configs(lines, settings, spelled, several, found)
    if not configs:
        raise SweepError("\n".join([f"{what}: none of its commands fits", *_reasons(found)]))
    description = _described(configs, what)
    words: list[Value] = [*_fixed(lines, positional, places, spelled), *seeded, *outputs]
    return Imported(
        what=f"{what} ({'1 command' if len(configs) == 1 else f'{len(configs)} different commands'})",
        experiment=_experiment(lines[0].head),
        trainer=_trainer(words, spelled, lines[0].cwd, found),
        defaults=description.defaults,
        sweeps=sweeps_of(description),
        configs=[{key: unescaped(value) for key, value in config.items()} for config in configs],
        left_out=found.left_out,
        notes=tuple(found.notes),
    )


def _trainer(words: list[Value], spelled: Spelled, cwd: str | None, found: Found) -> dict[str, Value]:
    """What `trainer:` has: the command, how it spells settings, and what the file says around it."""
    trainer: dict[str, Value] = {"command": words}
    if "{args}" in words:
        trainer["args"] = spelled.text
    if cwd is not None:
        trainer["cwd"] = cwd
    if found.env:
        trainer["env"] = found.env
    return trainer


def _described(configs: Sequence[Mapping[str, Value]], what: str) -> Description:
    """The smallest description of configs.

    Raises:
        SweepError: They have too little in common for one.
    """
    keys = {key for config in configs for key in config}
    if len(keys) * len(configs) <= _MOST_CELLS:
        description = describe(configs)
        if sum(len(study.include) for study in description.studies) <= MOST_LISTED:
            return description
    raise SweepError(
        f"{what}: {len(configs):,} commands have too little in common for a file; import fewer at once"
    )


def _reasons(found: Found) -> list[str]:
    return [f"line {line}: {reason}" for line, reason in sorted(found.left_out.items())[:20]]


def _outputs(lines: list[Line], found: Found) -> list[str]:
    """Take away options that only say where a line writes; returns the words that take their place."""
    named: dict[str, dict[int, Option]] = {}
    for at, line in enumerate(lines):
        for option in line.arguments.options:
            named.setdefault(option.name, {})[at] = option
    taken: dict[str, str] = {}
    for name, options in named.items():
        values = [option.values[0] for option in options.values() if len(option.values) == 1]
        if len(options) == len(values) == len(lines) and len(set(values)) > 1:
            word = output_word(name, values)
            if word is not None:
                taken[name] = word
    if not taken or not _are_different(lines, without=set(taken)):
        return []
    words: list[str] = []
    for name, word in taken.items():
        first = named[name][0]
        words += [f"{name}={word}"] if first.has_equals else [name, word]
        told = (
            f"{name} is {word}, a place or name of each trial's own, in place of {first.values[0]} and so on"
        )
        found.notes[told] = None
    for line in lines:
        line.arguments.options = [option for option in line.arguments.options if option.name not in taken]
    return words


def _are_different(lines: Sequence[Line], without: set[str]) -> bool:
    """Whether lines that differ still do without some options."""
    kept, whole = (
        {(line.said(names), *line.arguments.positional) for line in lines} for names in (without, ())
    )
    return len(kept) == len(whole)


def _environment(lines: list[Line], found: Found) -> list[dict[str, Value]]:
    """The variables that differ, as settings of each line; those that do not go into `env`."""
    settings: list[dict[str, Value]] = [{} for _ in lines]
    for name in dict.fromkeys(name for line in lines for name in line.env):
        values = [line.env.get(name) for line in lines]
        if _DEVICES.fullmatch(name):
            found.notes[
                f"{name} is left out: sweep gives each trial its devices; see `resources` and --gpus"
            ] = None
        elif is_secret(name):
            found.env[name] = {"from": name}
            found.notes[
                f"{name} is taken from your shell, and stands in no file: export it before `sweep run`"
            ] = None
        elif len(set(values)) == 1:
            found.env[name] = typed(values[0] or "")
        else:
            found.env[name] = f"{{{name}}}"
            for setting, value in zip(settings, values, strict=True):
                setting[name] = typed(value or "")
    return settings


def _several(lines: Sequence[Line]) -> set[str]:
    """The options that have several values on some line."""
    return {option.name for line in lines for option in line.arguments.options if len(option.values) > 1}


def _configs(
    lines: Sequence[Line],
    settings: Sequence[Mapping[str, Value]],
    spelled: Spelled,
    several: set[str],
    found: Found,
) -> list[dict[str, Value]]:
    """The config of each line that fits, each once."""
    arguments = arguments_of(spelled)
    keys = {spelled.key_of[name] for name in several}
    fingerprinter = Fingerprinter()
    configs: dict[str, dict[str, Value]] = {}
    first_line: dict[str, int] = {}
    devices: set[str] = set()
    flags = dict.fromkeys(spelled.flags, False)
    differing = _differing_flags(lines, spelled)
    for line, own in zip(lines, settings, strict=True):
        try:
            config = config_of(line.arguments.options, spelled, keys)
        except Misfit as error:
            found.left_out.setdefault(line.line, str(error))
            continue
        again = words_again(config, arguments)
        if again is None or not are_alike(again, line.arguments.options):
            told = "its options cannot be written again as they are"
            found.left_out.setdefault(line.line, f"{told}: {' '.join(words_of(line.arguments.options))}")
            continue
        for key, value in config.items():
            if key.rpartition(".")[2] == "device" and isinstance(value, str) and _CUDA.fullmatch(value):
                config[key] = "cuda"
                devices.add(key)
        config = {**config, **{key: flags[key] for key in differing if key not in config}, **own}
        identity = fingerprinter.fingerprint(config)
        if identity in configs:
            is_elsewhere = first_line[identity] != line.line
            other = f"line {first_line[identity]}" if is_elsewhere else "another of its loop"
            if config == configs[identity]:
                found.notes[f"line {line.line} is the same trial as {other}"] = None
            else:
                reason = f"differs from {other} only in what changes no result"
                found.notes[f"line {line.line} {reason}, and is the same trial"] = None
            continue
        configs[identity] = config
        first_line[identity] = line.line
    for key in devices:
        found.notes[f"{key} is cuda: each trial sees the GPU that it is given, and no other"] = None
    return list(configs.values())


def _differing_flags(lines: Sequence[Line], spelled: Spelled) -> list[str]:
    """The flags that some lines have and others have not."""
    counts = Counter(
        key
        for line in lines
        for key in {spelled.key_of[option.name] for option in line.arguments.options}
        if key in spelled.flags
    )
    return [key for key, count in counts.items() if count < len(lines)]


def _fixed(
    lines: Sequence[Line], keys: Mapping[int, str], places: Mapping[int, str], spelled: Spelled
) -> list[str]:
    """The words of the command."""
    arguments = lines[0].arguments
    count = len(arguments.before)
    written = [
        places.get(at) or (f"{{{keys[at]}}}" if at in keys else escaped(word))
        for at, word in enumerate(arguments.positional)
    ]
    rest = ["{args}"] if spelled.key_of else []
    return [*map(escaped, lines[0].head), *written[:count], *arguments.fixed, *rest, *written[count:]]


def _experiment(head: Sequence[str]) -> str:
    """A name after the script or the module."""
    last = head[-1]
    name = PurePosixPath(last).stem if "/" in last or last.endswith((".py", ".sh")) else last
    kept = re.sub(r"[^\w.-]+", "-", name).strip("-.")
    return kept or "sweeps"
