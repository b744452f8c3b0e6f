"""Makes a trial of one cell's settings: the trainer's config completes and checks them."""

from __future__ import annotations

import operator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sweeps.errors import Problem, did_you_mean
from sweeps.planning.fingerprint import Fingerprinter, is_finite
from sweeps.planning.shared_mapping import MappingPool
from sweeps.planning.trial import Trial, trial_name
from sweeps.program.template import OWN
from sweeps.spec.references import follow, may_follow
from sweeps.spec.trainer.arguments import ARGS_KEY
from sweeps.spec.yaml_reader import describe
from sweeps.trainer.config_schema import ConfigError, ConfigProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sweeps.errors import Place
    from sweeps.spec.settings import Layer, Setting
    from sweeps.spec.yaml_reader import Value
    from sweeps.trainer.loader import Trainer


_SPOKEN = frozenset({int, float, bool, type(None)})
"""What every style has words for."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Settings that make no trial.

    Attributes:
        problems: What is wrong, each at the place that set the value.
        keys: The keys among the settings whose values are wrong by themselves.
    """

    problems: tuple[Problem, ...]
    keys: tuple[str, ...] = ()


class Resolver:
    """Makes the trials of one sweep; what their settings and configs have in common is stored once.

    Args:
        sweep: The sweep's name.
        axes: The keys that vary in it.
        trainer: The trainer, whose schema completes and checks a config.
    """

    def __init__(self, sweep: str, axes: tuple[str, ...], trainer: Trainer) -> None:
        self._sweep = sweep
        self._axes = axes
        self._trainer = trainer
        self._fingerprinter = Fingerprinter(trainer.before)
        self._reasons: dict[tuple[str, str], str | None] = {}
        self._settings: MappingPool[Setting] = MappingPool(operator.is_)
        self._configs: MappingPool[Value] = MappingPool(_is_equal)

    def resolve(self, settings: Layer, place: Place) -> Trial | Refused:
        """The trial of these settings, or what is wrong with them.

        Args:
            settings: What is set, all layers laid over one another.
            place: Where a problem of the config as a whole stands.
        """
        try:
            settings, config = self._resolved(settings)
            identity = self._fingerprinter.fingerprint(config)
        except ConfigError as error:
            located = tuple(self._located(problem, settings, place) for problem in error.problems)
            return Refused(
                located, tuple(problem.key for problem in error.problems if problem.key in settings)
            )
        except ValueError:  # a value that is no finite number has no identity
            found = _infinite({key: setting.value for key, setting in settings.items()})
            return Refused(tuple(self._located(problem, settings, place) for problem in found))
        has_placeholders = self._trainer.placeholders or self._trainer.around
        if has_placeholders and (missing := tuple(self._missing(config))):
            return Refused(missing)
        if self._trainer.takes_rest and (unspoken := tuple(self._unspoken(config))):
            return Refused(tuple(self._located(problem, settings, place) for problem in unspoken))
        return Trial(
            sweep=self._sweep,
            name=trial_name(settings, self._axes),
            settings=self._settings.share(settings),
            axes=self._axes,
            fingerprint=identity,
            config=self._configs.share(config),
        )

    def _resolved(self, settings: Layer) -> tuple[Layer, dict[str, Value]]:
        """The settings, those that follow another with that one's value, and the config.

        Raises:
            ConfigError: With every problem of the config.
        """
        schema = self._trainer.schema
        flat = {key: setting.value for key, setting in settings.items()}
        if self._trainer.spec.command is not None and any(map(may_follow, flat.values())):
            followed = follow(flat, schema.defaults if schema else {}, OWN)
            if followed.wrong:
                raise ConfigError([ConfigProblem(key, reason) for key, reason in followed.wrong.items()])
            flat = dict(followed.values)
            if followed.changed:
                changed = {
                    key: replace(settings[key], value=flat[key], written=settings[key].value)
                    for key in followed.changed
                }
                settings = {**settings, **changed}
        return settings, schema.resolve(flat) if schema else flat

    def _missing(self, config: Mapping[str, Value]) -> Iterator[Problem]:
        """Placeholders of the trainer's command, and of what is around it, that the config has no key for."""
        trainer = self._trainer
        missing = [("command", *found) for found in trainer.missing_keys(config)]
        for part, key, place in (*missing, *trainer.missing_around(config)):
            hint = did_you_mean(key, config) or f"; there are {', '.join(config) or 'none'}"
            yield Problem(place, f"trainer.{part}: {{{key}}} is no key of the config{hint}")

    def _unspoken(self, config: Mapping[str, Value]) -> Iterator[ConfigProblem]:
        """Values that the trainer's `{args}` has no words for; each is tried once."""
        if ARGS_KEY in config:  # then `{args}` is that key's placeholder
            return
        for key, value in config.items():
            if type(value) in _SPOKEN:
                continue
            known = key, value if isinstance(value, str) else repr(value)
            if known not in self._reasons:
                self._reasons[known] = self._trainer.unspoken(key, value)
            if (reason := self._reasons[known]) is not None:
                yield ConfigProblem(key, f"{describe(value)}: {reason}")

    def _located(self, problem: ConfigProblem, settings: Layer, place: Place) -> Problem:
        """A problem of the config at the place that set the key, or one of the keys inside it."""
        key = problem.key
        inner = f"{key}."
        setting = settings.get(key) or next((s for k, s in settings.items() if k.startswith(inner)), None)
        if not key or setting is None:
            return Problem(place, f"sweeps.{self._sweep}{f'.{key}' if key else ''}: {problem.message}")
        path = key if setting.layer == "--set" else f"{setting.layer}.{key}"
        at = setting.key_place if problem.about_key and setting.key_place else setting.place
        return Problem(at, f"{path}: {problem.message}")


def _infinite(values: Mapping[str, Value]) -> Iterator[ConfigProblem]:
    """The values that are, or hold, NaN or an infinite number."""
    for key, value in values.items():
        if not is_finite(value):
            text = describe(value)
            is_number = text in {"nan", "inf", "-inf"}
            subject = f"{text} is not" if is_number else f"{text} holds a number that is not"
            yield ConfigProblem(key, f"{subject} finite; write a finite one")


def _is_equal(one: Value, other: Value) -> bool:
    """Whether two values are written alike: 1 is neither 1.0 nor true, and 0.0 is not -0.0."""
    if one != other or type(one) is not type(other):
        return False
    return repr(one) == repr(other) if isinstance(one, list | dict) or one == 0 else True
