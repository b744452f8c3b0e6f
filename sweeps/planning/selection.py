"""Which trials are meant: `--only key=value` and `--except key=value`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.errors import SelectionError, SpecError, did_you_mean
from sweeps.planning.plan import Plan
from sweeps.spec.settings import same
from sweeps.spec.yaml_reader import describe, parse_scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sweeps.planning.expansion import Sweep, Trial
    from sweeps.spec.yaml_reader import Value
    from sweeps.trainer.loader import Trainer

NAMES = ("trial", "sweep")
"""Words that select by name instead of by a key of the config."""
_TOLD = 10


@dataclass(frozen=True, slots=True)
class Selection:
    """A set of trials, known by sweep and name."""

    trials: frozenset[tuple[str, str]]
    is_all: bool

    @classmethod
    def parse(
        cls, only: Sequence[str], excepting: Sequence[str], sweeps: Sequence[Sweep], trainer: Trainer
    ) -> Selection:
        """Select: of each key, one of its `only` values must hold, and no `excepting` one.

        Raises:
            SelectionError: A flag is not `key=value`, or matches no trial.
        """
        trials = [trial for sweep in sweeps for trial in sweep.trials]
        if not only and not excepting:
            return cls(frozenset((t.sweep, t.name) for t in trials), is_all=True)
        wanted = _by_key("--only", only)
        unwanted = _by_key("--except", excepting)
        values = {(t.sweep, t.name): _Values(t, trainer) for t in trials}
        for flag, by_key in (("--only", wanted), ("--except", unwanted)):
            for key, choices in by_key.items():
                _check(flag, key, choices, values.values())
        chosen = frozenset(
            name
            for name, of in values.items()
            if all(of.has(key, choices) for key, choices in wanted.items())
            and not any(of.has(key, choices) for key, choices in unwanted.items())
        )
        if not chosen:
            told = " ".join(
                [*(f"--only {flag}" for flag in only), *(f"--except {flag}" for flag in excepting)]
            )
            raise SelectionError(f"{told}: no trial is left")
        return cls(chosen, is_all=False)

    def __contains__(self, trial: Trial) -> bool:
        return (trial.sweep, trial.name) in self.trials

    def of_plan(self, plan: Plan) -> Plan:
        """The part of a plan that is meant."""
        if self.is_all:
            return plan
        return Plan(tuple(step for step in plan.steps if step.trial in self), searches=plan.searches)


class _Values:
    """A trial's values by key, resolved once and only if asked for more than its name."""

    def __init__(self, trial: Trial, trainer: Trainer) -> None:
        self._trial = trial
        self._trainer = trainer
        self._config: dict[str, Value] | None = None

    def get(self, key: str) -> tuple[bool, Value]:
        if key in NAMES:
            return True, self._trial.name if key == "trial" else self._trial.sweep
        if self._config is None:
            self._config = self._trial.config(self._trainer)
        return key in self._config, self._config.get(key)

    def has(self, key: str, choices: Iterable[tuple[str, Value]]) -> bool:
        known, value = self.get(key)
        return known and any(same(value, choice) or value == text for text, choice in choices)

    def keys(self) -> list[str]:
        self.get("")
        return [*NAMES, *(self._config or {})]


def _by_key(flag: str, given: Sequence[str]) -> dict[str, list[tuple[str, Value]]]:
    by_key: dict[str, list[tuple[str, Value]]] = {}
    for assignment in given:
        key, equals, text = assignment.partition("=")
        if not equals or not key:
            raise SelectionError(f"{flag} {assignment}: is not key=value; write for example {flag} tfr=0.5")
        by_key.setdefault(key, []).append((text, _read(text)))
    return by_key


def _read(text: str) -> Value:
    """The value that a text has in a spec, or the text itself where it has none, as `on` has."""
    try:
        return parse_scalar(text)
    except SpecError:
        return text


def _check(flag: str, key: str, choices: Sequence[tuple[str, Value]], values: Iterable[_Values]) -> None:
    """Every value must be one that some trial has."""
    values = list(values)
    if not any(of.get(key)[0] for of in values):
        known = values[0].keys() if values else []
        raise SelectionError(f"{flag} {key}=...: no trial has the key '{key}'{did_you_mean(key, known)}")
    for text, choice in choices:
        if not any(of.has(key, [(text, choice)]) for of in values):
            found = {_told(of.get(key)[1]) for of in values}
            told = ", ".join([*sorted(found)[:_TOLD], *(["..."] if len(found) > _TOLD else [])])
            hint = did_you_mean(text, found) if isinstance(choice, str) else ""
            raise SelectionError(f"{flag} {key}={text}: no trial has it; there is {told}{hint}")


def _told(value: Value) -> str:
    return value if isinstance(value, str) else describe(value)
