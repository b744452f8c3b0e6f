"""Settings that reach the program in no way, and what does not fit between command, settings and the program's config file."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sweeps.errors import Place, Problem, did_you_mean
from sweeps.planning.validation import texts_in, written_settings
from sweeps.program.config_file import CONFIG_FILE, ENDINGS, ConfigFile, ConfigFileError
from sweeps.spec.references import references
from sweeps.spec.sweep_parser import SEED, seed_keys
from sweeps.trainer.command_check import reads_settings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sweeps.spec.model import Spec, SweepSpec
    from sweeps.spec.settings import Layer, Setting
    from sweeps.trainer.loader import Trainer


_MOST_LISTED = 10
"""How many values a message lists."""


def argument_problems(
    spec: Spec, trainer: Trainer, overrides: Layer, repeats: Iterable[tuple[SweepSpec, int, Place, str]] = ()
) -> Iterator[Problem]:
    """Keys that vary and that the command is not given, keys of `args` that there are not, and what cannot be searched.

    Args:
        spec: The file.
        trainer: The trainer.
        overrides: Settings that win over everything (`--set`).
        repeats: How often a sweep's trials are repeated, with what says so: its place, and its name.
    """
    if trainer.spec.command is None:
        return
    written = list(written_settings(spec, overrides))
    known = {key for key, _ in written} | set(trainer.schema.defaults if trainer.schema else ())
    for key, place in trainer.spec.arguments.places.items():
        if key not in known | {SEED} and not (trainer.schema and trainer.schema.knows(key)):
            hint = did_you_mean(key, known) or "; delete it"
            yield Problem(place, f"trainer.args.keys.{key}: no setting has this key{hint}")
    followed = {key for _, setting in written for key in references(setting.value)}
    yield from _file_problems(trainer, written, followed)
    for sweep in spec.sweeps:
        yield from _unused(sweep, trainer, followed)
        for dimension in sweep.search.dimensions if sweep.search else ():
            for setting in dimension.values:
                if references(setting.value):
                    message = "what is searched cannot follow another key; write the value"
                    yield Problem(setting.place, f"{setting.layer}.{dimension.key}: {message}")
    for sweep, count, place, part in repeats:
        if count > 1 and (wrong := _unused_seeds(sweep, trainer, followed)):
            yield Problem(place, f"{part}: {wrong}")


def seed_warnings(
    spec: Spec, trainer: Trainer, repeats: Iterable[tuple[SweepSpec, int, Place, str]]
) -> Iterator[Problem]:
    """Seeds that reach a command without a config file in no way: its trials may just be repeated, and are hardly meant so.

    Args:
        spec: The file.
        trainer: The trainer.
        repeats: As `argument_problems` takes them.
    """
    if trainer.spec.command is None or trainer.config_file is not None or trainer.gives(SEED):
        return
    if any(SEED in references(setting.value) for _, setting in written_settings(spec, {})):
        return
    several = [(sweep, place, part) for sweep, count, place, part in repeats if count > 1]
    if not several or may_read_settings(trainer):
        return
    for sweep, place, part in several:
        if not any(SEED in when.condition for when in sweep.when):
            remedy = (
                f"write '{{{SEED}}}' in the command, where its seed stands, or `args: none` if it is to be so"
            )
            yield Problem(
                place,
                f"{part}: nothing takes the seed: repeats train alike, or differ by what is drawn without one; {remedy}",
            )


def may_read_settings(trainer: Trainer) -> bool:
    """Whether a program reads `$SWEEP_CONFIG`, or may: one that cannot be read, and that is given no setting."""
    reads = reads_settings(trainer.spec)
    return bool(reads) or (reads is None and not trainer.named)


def _file_problems(
    trainer: Trainer, written: Sequence[tuple[str, Setting]], followed: Collection[str]
) -> Iterator[Problem]:
    """What does not fit between the program's own config file, the command and the settings."""
    spec, word = trainer.spec, f"{{{CONFIG_FILE}}}"
    texts = [text for text, _ in spec.templates()] + [one.text for one in spec.surroundings.templates()]
    if trainer.config_file is None:
        for text, place in spec.templates() if spec.config_file is None else ():
            if word in text:
                message = f"trainer.command: '{word}' is a copy of the program's config file; name that: `config_file: config.yaml`"
                yield Problem(place, message)
        return
    values = (text for _, setting in written for text in texts_in(setting.value))
    if not any(word in text for text in (*texts, *values)):
        remedy = f"add what names it, such as --config '{word}', to the command"
        yield Problem(
            spec.place_of("config_file"), f"trainer.config_file: the program is not given it; {remedy}"
        )
    told: set[str] = set()
    for key, setting in written:
        if trainer.is_in_file(key) and (wrong := trainer.config_file.unwritable(setting.value)):
            message = f"{setting.layer}.{key}: {wrong}, so that no copy of {spec.config_file} can have it"
            yield Problem(setting.place, f"{message}; write another value")
        if key in told or key == SEED or key in followed or trainer.gives(key):
            continue
        told.add(key)
        hint = did_you_mean(key, trainer.config_file.keys) or "; write it into that file, too"
        yield Problem(
            setting.key_place or setting.place,
            f"{setting.layer}.{key}: {spec.config_file} has no such key{hint}",
        )


def _unused(sweep: SweepSpec, trainer: Trainer, followed: Collection[str]) -> Iterator[Problem]:
    """Keys that a sweep varies and that reach the program in no way; `seeds` may just repeat it, and one value is no variation."""
    spec = trainer.spec
    dimensions = sweep.search.dimensions if sweep.search else ()
    asked = {key for when in sweep.when for key in when.condition}
    asked.update(key for dimension in dimensions for key in dimension.when or {})
    varied = [
        (axis.key, axis.place, "grid" if axis in sweep.grid else "zip")
        for axis in (*sweep.grid, *sweep.zipped)
        if len(axis.values) > 1
    ]
    varied += [(dimension.key, dimension.place, "search.space") for dimension in dimensions]
    varied += [
        (key, setting.key_place or setting.place, "include")
        for layer, _ in sweep.include
        for key, setting in layer.items()
        if key != SEED
    ]
    unused = [
        (key, place, part)
        for key, place, part in varied
        if not (trainer.gives(key) or key in followed or key in asked)
    ]
    if not unused or spec.config_file is not None:  # of a config file the keys are checked above
        return
    if may_read_settings(trainer):
        return
    for key, place, part in unused:
        remedy = (
            f"add '{{{key}}}' or '{{args}}' to it, or write `args: none` if the program reads $SWEEP_CONFIG"
        )
        if (file := _file_with(key, spec.command or ())) is not None:
            remedy = f"{file} has it: write `config_file: {file}`, and '{{{CONFIG_FILE}}}' in its place"
        yield Problem(place, f"sweeps.{sweep.name}.{part}.{key}: the command never uses it; {remedy}")


def _file_with(key: str, command: Sequence[str]) -> str | None:
    """The config file that a command names and that has a key; None where there is none."""
    for word in command:
        path = word.rpartition("=")[2]
        with contextlib.suppress(ConfigFileError):
            if path.endswith(ENDINGS) and ConfigFile.read(path).has(key):
                return path
    return None


def _unused_seeds(sweep: SweepSpec, trainer: Trainer, followed: Collection[str]) -> str:
    """Why seeds reach a program with a config file in no way; empty: they do, or it has none and may just be repeated."""
    file = trainer.config_file
    if file is None or trainer.gives(SEED) or SEED in followed:
        return ""
    if any(SEED in when.condition for when in sweep.when) or reads_settings(trainer.spec):
        return ""
    own = seed_keys(file.keys)
    lines = " or ".join(f"""`defaults: {{{key}: "{{{SEED}}}"}}`""" for key in own[:_MOST_LISTED])
    remedy = f"add {lines}" if own else f"give {file.path} a key `{SEED}` that the program reads"
    repeats = f"'{{args}}' to the command and `args: {{keys: {{{SEED}: none}}}}`"
    return f"nothing takes the seed; {remedy}; for plain repeats {repeats}"
