"""Trials of different settings whose commands are the same, word for word: they train alike, and the record says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sweeps.planning.checks.reach import may_read_settings
from sweeps.program.arguments import SpellingError, spelled_else
from sweeps.program.template import TrialValues, fill, plain
from sweeps.spec.settings import identity, same
from sweeps.spec.sweep_parser import SEED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sweeps.errors import Problem
    from sweeps.planning.sweep import Sweep
    from sweeps.planning.trial import Trial
    from sweeps.spec.settings import Setting
    from sweeps.spec.yaml_reader import Value
    from sweeps.trainer.loader import Trainer

Words: TypeAlias = tuple[str, ...]
_ABSENT = "absent"


def same_command_warnings(
    trainer: Trainer, sweeps: Sequence[Sweep], written: Iterable[tuple[str, Setting]]
) -> Iterator[Problem]:
    """Trials whose programs get the same words, variables and config file, though their settings differ; each difference once.

    Only the seed may differ so, and keys that the file keeps from the program. What stands for the trial itself, as its folder,
    makes no difference.

    Args:
        trainer: The trainer.
        sweeps: The sweeps, expanded.
        written: The settings of the file, each with its key.
    """
    if trainer.spec.command is None or may_read_settings(trainer):
        return
    if not any(_share_words(trainer, sweeps, key, values) for key, values in _values(written).items()):
        return
    first: dict[tuple[object, ...], Trial] = {}
    found: dict[frozenset[str], Problem] = {}
    for trial in (trial for sweep in sweeps for trial in sweep.trials):
        given = _given(trainer, trial)
        other = first.setdefault(given, trial) if given is not None else trial
        if other.fingerprint == trial.fingerprint:
            continue
        keys = tuple(_differing(trainer, other, trial))
        if keys and frozenset(keys) not in found:
            found[frozenset(keys)] = _problem(other, trial, keys)
    yield from (problem for keys, problem in found.items() if not any(fewer < keys for fewer in found))


def _values(written: Iterable[tuple[str, Setting]]) -> dict[str, dict[str, Value]]:
    """Each key's different values."""
    found: dict[str, dict[str, Value]] = {}
    for key, setting in written:
        found.setdefault(key, {}).setdefault(identity(setting.value), setting.value)
    return found


def _share_words(trainer: Trainer, sweeps: Sequence[Sweep], key: str, values: dict[str, Value]) -> bool:
    """Whether two values of a key leave the same words, or one leaves none where some trial does not have the key."""
    if key == SEED:
        return False
    words = {name: _words(trainer, key, value) for name, value in values.items()}
    if () in words.values() and any(key not in trial.config for sweep in sweeps for trial in sweep.trials):
        words[_ABSENT] = ()
    return len(set(words.values())) < len(words)


def _words(trainer: Trainer, key: str, value: Value) -> Words:
    if trainer.is_in_file(key):
        return (identity(value),)
    if key in trainer.named:
        return (plain(key, value),)
    if not trainer.takes_rest:
        return ()
    words = spelled_else(trainer.spec.arguments, key, value, None)
    return (identity(value),) if words is None else tuple(words)


def _given(trainer: Trainer, trial: Trial) -> tuple[object, ...] | None:
    """What the program of a trial gets; None where that is known only when it starts."""
    values = TrialValues.of(trial.config, run_dir="", trial="", run_id="")
    try:
        around = tuple(fill(one.text, values) for one in trainer.spec.surroundings.templates())
        return (*trainer.arguments(values), around, trainer.own_text(values))
    except (LookupError, SpellingError):
        return None


def _differing(trainer: Trainer, one: Trial, other: Trial) -> Iterator[str]:
    """The keys in which two trials differ, but for those that may."""
    for key in dict.fromkeys([*other.axes, *other.settings, *one.settings]):
        is_kept = key == SEED or trainer.spec.arguments.of(key) is None
        here, there = key in one.config, key in other.config
        if not is_kept and (here != there or not same(one.config.get(key), other.config.get(key))):
            yield key


def _problem(one: Trial, other: Trial, keys: Words) -> Problem:
    key, setting = next(
        (key, trial.settings[key]) for key in keys for trial in (other, one) if key in trial.settings
    )
    label = f"{one.sweep}/{one.name} and {other.sweep}/{other.name}"
    return setting.told(
        key,
        f"{label} differ in {', '.join(keys)}, and get the same command, so that they train alike; "
        "keep one of them, or choose under `args:` how the values are told apart",
    )
