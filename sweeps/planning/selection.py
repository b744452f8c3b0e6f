"""Selects trials by their values: `--only key=value` and `--except key=value`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.errors import SelectionError, SpecError, did_you_mean
from sweeps.planning.plan import Plan
from sweeps.spec.settings import same
from sweeps.spec.yaml_reader import describe, parse_scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sweeps.planning.sweep import Sweep
    from sweeps.planning.trial import Trial
    from sweeps.spec.yaml_reader import Value

NAMES = ("trial", "sweep")
"""Words that select by name instead of by a key of the config."""
_MOST_LISTED = 10
"""How many values a message lists."""
_MOST_WORDS = 6
"""No more values than these are named to select trials."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A set of trials.

    Attributes:
        trials: The sweep and the name of each.
        is_all: Whether nothing was left out.
    """

    trials: frozenset[tuple[str, str]]
    is_all: bool

    @classmethod
    def parse(cls, only: Sequence[str], excepting: Sequence[str], sweeps: Sequence[Sweep]) -> Selection:
        """Select trials: of each key, one of its `only` values must hold, and no `excepting` one.

        Args:
            only: `key=value` flags; a key is one of the config, `trial` or `sweep`.
            excepting: Likewise.
            sweeps: The sweeps to select from.

        Raises:
            SelectionError: A flag is not `key=value`, or matches no trial.
        """
        trials = [trial for sweep in sweeps for trial in sweep.trials]
        if not only and not excepting:
            return cls(frozenset((t.sweep, t.name) for t in trials), is_all=True)
        wanted = _by_key("--only", only)
        unwanted = _by_key("--except", excepting)
        for flag, by_key in (("--only", wanted), ("--except", unwanted)):
            for key, choices in by_key.items():
                _check(flag, key, choices, trials)
        chosen = frozenset(
            (trial.sweep, trial.name)
            for trial in trials
            if all(_has(trial, key, choices) for key, choices in wanted.items())
            and not any(_has(trial, key, choices) for key, choices in unwanted.items())
        )
        if not chosen:
            raise SelectionError(f"{' '.join(pick_words(only, excepting))}: no trial is left")
        return cls(chosen, is_all=False)

    def __contains__(self, trial: Trial) -> bool:
        return (trial.sweep, trial.name) in self.trials

    def of_plan(self, plan: Plan) -> Plan:
        """The part of a plan that is meant."""
        if self.is_all:
            return plan
        return Plan(tuple(step for step in plan.steps if step.trial in self), searches=plan.searches)


def pick_words(only: Sequence[str], excepting: Sequence[str]) -> list[str]:
    """The words of a command line that select the same."""
    flags = (("--only", only), ("--except", excepting))
    return [word for option, values in flags for value in values for word in (option, value)]


def words_for(
    trials: Sequence[tuple[Trial, bool]],
    only: Sequence[str],
    excepting: Sequence[str],
    *,
    names_sweeps: bool = False,
) -> tuple[list[str], str]:
    """The words of a command line that select some trials, and where it takes no more than a few, no other ones.

    Args:
        trials: Those that a command is about, each with whether it is to be selected.
        only: The `--only` flags of that command.
        excepting: Its `--except` flags.
        names_sweeps: Whether it names its sweeps, which need no words then.

    Returns:
        The words, and what they select: `them`, or more.
    """
    wanted = [trial for trial, is_wanted in trials if is_wanted]
    unwanted = [trial for trial, is_wanted in trials if not is_wanted]
    sweeps = dict.fromkeys(trial.sweep for trial in wanted)
    words = []
    if not (names_sweeps or only or excepting):
        words = [word for name in sweeps for word in ("--sweep", name)]
        unwanted = [trial for trial in unwanted if trial.sweep in sweeps]
    flags = _only_for(wanted, unwanted, only)
    if flags is None:
        return [*words, *pick_words(only, excepting)], f"all of {', '.join(sweeps)}"
    return [*words, *pick_words(flags, excepting)], "them"


def _only_for(
    wanted: Sequence[Trial], unwanted: Sequence[Trial], only: Sequence[str]
) -> Sequence[str] | None:
    """The fewest `--only` flags, values of one key or names, that select some trials and none of others; None: it takes many.

    Those of `only`, which select all of them, stay where they still matter.
    """
    if not unwanted:
        return only
    found = []
    for key in dict.fromkeys(["trial", *(key for trial in wanted for key in trial.config)]):
        texts = _few_texts(wanted, key)
        choices = [(text, _read(text)) for text in texts]
        fits = bool(texts) and all(_has(trial, key, choices) for trial in wanted)
        if fits and not any(_has(trial, key, choices) for trial in unwanted):
            found.append([f"{key}={text}" for text in texts])
    if not found:
        return None
    flags = min(found, key=lambda flags: (len(flags), len("".join(flags))))
    key = flags[0].partition("=")[0]
    return [*(flag for flag in only if flag.partition("=")[0] != key), *flags]


def _few_texts(trials: Sequence[Trial], key: str) -> list[str]:
    """The values of a key as flags have them; none where a trial has none, or there are too many."""
    texts: dict[str, None] = {}
    for trial in trials:
        values = _values(trial, key)
        if not values or isinstance(values[0], dict | list | tuple):
            return []
        texts[_text(values[0])] = None
        if len(texts) > _MOST_WORDS:
            return []
    return list(texts)


def _values(trial: Trial, key: str) -> tuple[Value, ...]:
    """A trial's value of a key, or nothing where it has no such key."""
    if key in NAMES:
        return (trial.name if key == "trial" else trial.sweep,)
    return (trial.config[key],) if key in trial.config else ()


def _has(trial: Trial, key: str, choices: Iterable[tuple[str, Value]]) -> bool:
    """Whether a trial has one of the values, each given as text and as a spec would read it."""
    return any(
        same(value, choice) or value == text for value in _values(trial, key) for text, choice in choices
    )


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


def _check(flag: str, key: str, choices: Sequence[tuple[str, Value]], trials: Sequence[Trial]) -> None:
    """Every value must be one that some trial has.

    Raises:
        SelectionError: No trial has the key, or one of the values.
    """
    values = [value for trial in trials for value in _values(trial, key)]
    if not values:
        known = [*NAMES, *trials[0].config] if trials else []
        raise SelectionError(f"{flag} {key}=...: no trial has the key '{key}'{did_you_mean(key, known)}")
    for text, choice in choices:
        if not any(_has(trial, key, [(text, choice)]) for trial in trials):
            texts = sorted({_text(value) for value in values})
            listed = ", ".join([*texts[:_MOST_LISTED], *(["..."] if len(texts) > _MOST_LISTED else [])])
            hint = did_you_mean(text, texts) if isinstance(choice, str) else ""
            raise SelectionError(f"{flag} {key}={text}: no trial has it; there is {listed}{hint}")


def _text(value: Value) -> str:
    return value if isinstance(value, str) else describe(value)
