"""Checks a spec's sweeps, profiles and conditions: too many trials, unknown keys, conditions that never hold."""

from __future__ import annotations

import contextlib
import math
import posixpath
from typing import TYPE_CHECKING

from sweeps.errors import Place, Problem, did_you_mean
from sweeps.planning.trial import shown
from sweeps.program.config_file import CONFIG_FILE, ENDINGS, ConfigFile, ConfigFileError
from sweeps.program.template import OWN, TrialValues, fill, keys_of
from sweeps.rundir.store_limits import of_name
from sweeps.sources.following.kinds import missing_package
from sweeps.spec.model import MAX_TRIALS
from sweeps.spec.references import references
from sweeps.spec.settings import holds_key, is_choice, overlaps, same
from sweeps.spec.sweep_parser import SEED, SEED_NAME
from sweeps.trainer.command_check import reads_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from sweeps.planning.sweep import Sweep
    from sweeps.rundir.store_limits import StoreLimits
    from sweeps.spec.model import Spec, SweepSpec
    from sweeps.spec.settings import Condition, Layer, Setting
    from sweeps.spec.yaml_reader import Value
    from sweeps.trainer.config_schema import ConfigSchema
    from sweeps.trainer.loader import Trainer


_MOST_LISTED = 10
"""How many values a message lists."""
_MOST_SHOWN = 60
"""How many characters of a key a message shows."""


def profile_problems(spec: Spec, trainer: Trainer, chosen: str | None) -> Iterator[Problem]:
    """Unknown keys of the profiles that are not chosen, whose values no trial shows."""
    if trainer.schema is None:
        return
    for name, profile in spec.profiles.items():
        for layer in (profile.settings, *profile.sweeps.values()) if name != chosen else ():
            for key, setting in layer.items():
                if not trainer.schema.knows(key):
                    problem = trainer.schema.unknown(key)
                    place = setting.key_place or setting.place
                    yield Problem(place, f"{setting.layer}.{key}: {problem.message}")


def cell_count(sweep: SweepSpec) -> int:
    """How many trials a sweep has without its seeds and what it excludes, counted without expanding it."""
    rows = len(sweep.zipped[0].values) if sweep.zipped else 1
    product = math.prod(len(axis.values) for axis in sweep.grid) * rows
    plain = product if sweep.grid or sweep.zipped or not sweep.include else 0
    return plain + len(sweep.include)


def _size(sweep: SweepSpec) -> int:
    return cell_count(sweep) * (len(sweep.seeds.values) if sweep.seeds else 1)


def size_problems(sweeps: Sequence[SweepSpec]) -> Iterator[Problem]:
    """Sweeps with more trials than a file may hold, found before anything is expanded."""
    sizes = [_size(sweep) for sweep in sweeps]
    for sweep, size in zip(sweeps, sizes, strict=True):
        if size > MAX_TRIALS:
            message = f"expands to {size:,} trials, and a file holds at most {MAX_TRIALS:,}; vary fewer keys at once"
            yield Problem(sweep.place, f"sweeps.{sweep.name}: {message}")
    if sum(sizes) > MAX_TRIALS >= max(sizes):
        message = (
            f"all sweeps expand to {sum(sizes):,} trials, and a file holds at most {MAX_TRIALS:,}; split it"
        )
        yield Problem(sweeps[0].place, f"sweeps: {message}")


def limit_problems(spec: Spec, trainer: Trainer, overrides: Layer, store: StoreLimits) -> Iterator[Problem]:
    """Names, keys and values that the tracking store cannot take."""
    yield from _name_problems(spec, trainer, store)
    tags = (entry for sweep in spec.sweeps for entry in sweep.tags.items())
    for key, setting in (*written_settings(spec, overrides), *tags):
        if (wrong := of_name(key)) is not None:
            place = setting.key_place or setting.place
            yield Problem(place, f"{setting.layer}.{key[:_MOST_SHOWN]}: the key {wrong}")
        if (wrong := next(filter(None, map(store.of_text, _texts(setting.value))), None)) is not None:
            yield Problem(setting.place, f"{setting.layer}.{key[:_MOST_SHOWN]}: the value {wrong}")


def _name_problems(spec: Spec, trainer: Trainer, store: StoreLimits) -> Iterator[Problem]:
    if (wrong := store.of_experiment(spec.experiment)) is not None:
        yield Problem(spec.experiment_place or Place(spec.path), f"experiment: the name {wrong}")
    for name in spec.profiles:
        if (wrong := store.of_text(name)) is not None:
            yield Problem(Place(spec.path), f"profiles.{name!r}: the name {wrong}")
    for key in trainer.schema.defaults if trainer.schema else ():
        if (wrong := of_name(key)) is not None:
            yield Problem(trainer.spec.place, f"trainer.config: the key {key[:_MOST_SHOWN]} {wrong}")
    yield from _metric_name_problems(spec)
    for sweep in spec.sweeps:
        for objective in sweep.search.objectives if sweep.search else ():
            if (wrong := of_name(objective.metric)) is not None:
                yield Problem(objective.place, f"sweeps.{sweep.name}.search: the metric's name {wrong}")


def _metric_name_problems(spec: Spec) -> Iterator[Problem]:
    sources = spec.trainer.sources
    own = [name for source in sources.sources for name, _ in source.derive]
    for part, names in (("rename", sources.rename.values()), ("derive", sources.derive), ("metrics", own)):
        for name in names:
            if (wrong := of_name(name.replace("{", "").replace("}", ""))) is not None:
                place = spec.trainer.place_of(part)
                yield Problem(place, f"trainer.{part}: '{name[:_MOST_SHOWN]}': the name {wrong}")


def source_problems(spec: Spec, sweeps: Sequence[Sweep]) -> Iterator[Problem]:
    """Metric sources of which nothing can ever be read, or that several trials would share, each recording the others' points.

    Args:
        spec: The file.
        sweeps: Its sweeps, expanded.
    """
    cwd = spec.trainer.surroundings.cwd.text if spec.trainer.surroundings.cwd is not None else ""
    for source in spec.trainer.sources.sources:
        wrong = missing_package(source)
        if source.has_path and not wrong:
            wrong = _path_trouble(posixpath.join(cwd, source.text), sweeps)
        if wrong:
            place = source.place or spec.trainer.place_of("metrics")
            yield Problem(place, f"trainer.{source.label}: {wrong}")


def _path_trouble(text: str, sweeps: Sequence[Sweep]) -> str:
    """What is wrong with the path of a metric source; empty where nothing is."""
    try:
        names = set(keys_of(text))
    except ValueError as error:
        return str(error)
    if "{newest:" in text:
        return "a pattern stands for all its files; leave out `newest:`"
    searched = {
        dimension.key for sweep in sweeps if sweep.spec.search for dimension in sweep.spec.search.dimensions
    }
    trials = [trial for sweep in sweeps for trial in sweep.trials]
    for name in sorted(names - {*OWN, *searched}):
        for trial in (trial for trial in trials if name not in trial.config):
            return f"{trial.sweep}/{trial.name} has no setting '{name}'{did_you_mean(name, (*OWN, *trial.config))}"
    if names & {"run_dir", "run_id"}:
        return ""
    remedy = "so that each would record the other's points; put {run_dir} into the path, or run them there with `cwd`"
    shared = _shared(text, names, sweeps)
    return f"{shared} are read from the same place, {remedy}" if shared else ""


def _shared(text: str, names: Collection[str], sweeps: Sequence[Sweep]) -> str:
    """Two trials, in words, that a path makes no difference between; empty where there are none."""
    first: dict[str, tuple[str, str]] = {}
    for sweep in sweeps:
        search = sweep.spec.search
        if search is not None and not {"trial", *(dimension.key for dimension in search.dimensions)} & set(
            names
        ):
            return f"all trials of {sweep.name}"
        for trial in sweep.trials:
            values = TrialValues.of(trial.config, run_dir="", trial=trial.name, run_id="")
            with contextlib.suppress(LookupError):  # a setting that this trial does not have
                path = fill(text, values)
                label = f"{trial.sweep}/{trial.name}"
                other, identity = first.setdefault(path, (label, trial.fingerprint))
                if identity != trial.fingerprint:
                    return f"{other} and {label}"
    return ""


def written_settings(spec: Spec, overrides: Layer) -> Iterator[tuple[str, Setting]]:
    """Every setting that is written, with its key."""
    layers = [spec.defaults, overrides]
    for profile in spec.profiles.values():
        layers += [profile.settings, *profile.sweeps.values()]
    for sweep in spec.sweeps:
        layers += [sweep.settings, *(layer for layer, _ in sweep.include), *(w.settings for w in sweep.when)]
        for axis in (*sweep.grid, *sweep.zipped, *([sweep.seeds] if sweep.seeds else [])):
            yield from ((axis.key, setting) for setting in axis.values)
        if sweep.search is not None:
            layers += [layer for layer, _ in sweep.search.points]
            for dimension in sweep.search.dimensions:
                yield from ((dimension.key, setting) for setting in dimension.values)
    for layer in layers:
        yield from layer.items()


def _texts(value: Value) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)


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
    values = (text for _, setting in written for text in _texts(setting.value))
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
    reads = reads_settings(spec)
    if reads or (reads is None and not trainer.named):
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
    own = [key for key in file.keys if SEED_NAME.fullmatch(key.rpartition(".")[2].replace("-", "_"))]
    lines = " or ".join(f"""`defaults: {{{key}: "{{{SEED}}}"}}`""" for key in own[:_MOST_LISTED])
    remedy = f"add {lines}" if own else f"give {file.path} a key `{SEED}` that the program reads"
    repeats = f"for plain repeats '{{args}}' to the command and `args: {{keys: {{{SEED}: none}}}}`"
    return f"nothing takes the seed, so that all train alike; {remedy}, or add {repeats}"


def override_problems(
    sweep: SweepSpec, axes: Sequence[str], overrides: Layer, *, groups: bool = False
) -> Iterator[Problem]:
    """`--set` of keys that the sweep varies; beside a word that chooses of a group, and below one, keys stay.

    Args:
        sweep: The sweep.
        axes: The keys that it varies.
        overrides: What `--set` says.
        groups: Whether there are groups.
    """
    for key, setting in overrides.items():
        stays = groups and is_choice(setting.value)
        for axis in axes:
            if key != axis and groups and (stays if holds_key(key, axis) else holds_key(axis, key)):
                continue
            if overlaps(key, axis):
                remedy = f"select with --only {axis}=VALUE, or edit the sweep"
                yield Problem(setting.place, f"sweeps.{sweep.name} varies {axis}; {remedy}")


def condition_problems(
    sweep: SweepSpec,
    schema: ConfigSchema | None,
    used: Collection[tuple[str, int]],
    constant: Callable[[str], Value],
) -> Iterator[Problem]:
    """Conditions that name unknown keys, that held nowhere, or that would set unknown keys.

    A condition on a key that the sweep does not vary may hold nowhere: a profile or `--set` may yet set it.

    Args:
        sweep: The sweep that they stand in.
        schema: The trainer's schema, which knows the config's keys.
        used: The conditions that held for some cell: `("exclude", 0)` is the first entry of `exclude`.
        constant: The value of a key where the sweep does not vary it.
    """
    values = _varied_values(sweep, constant)
    for when in sweep.when:
        for key, setting in when.settings.items():
            if schema is not None and not schema.knows(key):
                place = setting.key_place or setting.place
                yield Problem(place, f"{setting.layer}.{key}: {schema.unknown(key).message}")
    conditions = [("exclude", at, *entry) for at, entry in enumerate(sweep.exclude)]
    conditions += [("when", at, when.condition, when.place) for at, when in enumerate(sweep.when)]
    for part, at, condition, place in conditions:
        where = f"sweeps.{sweep.name}.{part}"
        for key in condition:
            if schema is not None and not schema.knows(key):
                yield Problem(place, f"{where}.{key}: {schema.unknown(key).message}")
        if (part, at) not in used and condition.keys() <= values.keys():
            yield Problem(place, f"{where}: {_why_never(condition, values)}")


def _varied_values(sweep: SweepSpec, constant: Callable[[str], Value]) -> dict[str, list[Value]]:
    axes = [*sweep.grid, *sweep.zipped, *([sweep.seeds] if sweep.seeds else [])]
    values = {axis.key: [setting.value for setting in axis.values] for axis in axes}
    for layer, _ in sweep.include:
        for key, setting in layer.items():
            values.setdefault(key, [constant(key)]).append(setting.value)
    return values


def _why_never(condition: Condition, values: dict[str, list[Value]]) -> str:
    for key, choices in condition.items():
        for choice in choices:
            if not any(same(choice, value) for value in values[key]):
                words = [str(value) for value in values[key] if isinstance(value, str)]
                hint = did_you_mean(str(choice), words)
                return f"{key} is never {_plain(choice)}, only {_listed(values[key])}{hint}"
    text = ", ".join(f"{key}={'|'.join(map(_plain, choices))}" for key, choices in condition.items())
    return f"{text} matches no trial; delete or correct it"


def _listed(values: Sequence[Value]) -> str:
    listed = [_plain(value) for value in values[:_MOST_LISTED]]
    return ", ".join(listed) + (", ..." if len(values) > len(listed) else "")


def _plain(value: Value) -> str:
    return shown(value).removeprefix("-") if value is None or isinstance(value, bool) else shown(value)
