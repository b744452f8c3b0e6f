"""Finds the trial of the file that a run of elsewhere is a run of, by what is known of its config. Pure.

Every key by which the trials of the file differ has to be known of the run, and to have the trial's value. Any other key
must not contradict where it is known; where it is not, it is taken to be as the file says, which is told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.read.params import same_param
from sweeps.planning.fingerprint import canonical, counts
from sweeps.program.template import names_the_trial
from sweeps.record.batching import param_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sweeps.planning.trial import Trial
    from sweeps.spec.yaml_reader import Value

_WRAPPERS = frozenset({"args", "params", "config", "cfg", "hparams", "hyperparameters", "hyper_parameters"})
"""First parts of names below which programs keep their whole config."""
_NULLS = frozenset({"none", "null", ""})
_MOST_SHOWN = 5
_MOST_TRIED = 1000
"""Of so many trials the nearest is looked for, to say why a run is none of them."""


@dataclass(frozen=True, slots=True)
class Match:
    """What came of the search for a run's trial.

    Attributes:
        trial: The trial; None: there is none, or more than one.
        reason: Why there is none.
        assumed: The keys of the trial that the run does not say: the file's values are taken for them.
        renamed: The keys that the run calls otherwise, each with its name there.
    """

    trial: Trial | None
    reason: str = ""
    assumed: tuple[str, ...] = ()
    renamed: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _View:
    """A trial as it is compared: for each key of its identity the text of its value."""

    trial: Trial
    values: Mapping[str, str]
    telling: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Tried:
    """What came of the trials for one run: those that fit, what it would have to say, and the nearest with what is wrong."""

    fits: Sequence[_View]
    silent: Sequence[str] | None
    nearest: tuple[_View, Sequence[str]] | None


class Matcher:
    """Knows the trials of a file.

    Args:
        trials: All of them; those of one fingerprint count as one.
        names: What runs call some keys, by key.
        ignored: Keys that need not agree; where trials differ by one, no run says it.
    """

    def __init__(
        self, trials: Iterable[Trial], names: Mapping[str, str], ignored: Collection[str] = ()
    ) -> None:
        self._names = names
        self._ignored = ignored
        self._values: defaultdict[str, dict[str, Value]] = defaultdict(dict)
        found: dict[str, tuple[Trial, dict[str, str]]] = {}
        varied: defaultdict[str, set[str]] = defaultdict(set)
        for trial in trials:
            varied[trial.fingerprint].update(trial.axes)
            if trial.fingerprint not in found:
                found[trial.fingerprint] = trial, dict(self._compared(trial))
        several = {key for key, values in self._values.items() if len(values) > 1}
        self._views = [
            _View(trial, values, frozenset(values.keys() & (several | varied[trial.fingerprint])))
            for trial, values in found.values()
        ]
        self._known: dict[tuple[str, str], frozenset[str]] = {}
        self._having: defaultdict[tuple[str, str | None], list[_View]] = defaultdict(list)
        for view in self._views:
            for key in self._values:
                self._having[key, view.values.get(key)].append(view)

    def _compared(self, trial: Trial) -> Iterable[tuple[str, str]]:
        for key, value in trial.config.items():
            if counts(key) and not names_the_trial(value):
                text = canonical(value)
                self._values[key][text] = value
                yield key, text

    @property
    def keys(self) -> frozenset[str]:
        """The keys by which trials are told apart or compared."""
        return frozenset(self._values)

    def match(self, known: Mapping[str, str]) -> Match:
        """Find the trial of a run, by what is known of its config."""
        names = names_of(self.keys, known, self._names)
        names = {key: name for key, name in names.items() if key not in self._ignored}
        if not names:
            return Match(None, _says_nothing(known))
        equal = {key: self._equal(key, known[name]) for key, name in names.items()}
        views = self._near(equal)
        tried = _try(views, equal) if views else _try(self._views[:_MOST_TRIED], equal)
        best = _most_said(tried.fits, names.keys())
        if best is None:
            return Match(None, self._why(tried, names, known))
        assumed = tuple(key for key in best.values if key not in names and key not in self._ignored)
        return Match(best.trial, "", assumed, {key: name for key, name in names.items() if key != name})

    def _equal(self, key: str, text: str) -> frozenset[str]:
        """The values of a key that a run's text stands for."""
        if (key, text) not in self._known:
            values = self._values[key].items()
            self._known[key, text] = frozenset(own for own, value in values if is_same(text, value))
        return self._known[key, text]

    def _near(self, equal: Mapping[str, frozenset[str]]) -> Sequence[_View]:
        """The trials that agree with a run in the one of its keys that tells most trials apart, or do not have it."""
        key = max(equal, key=lambda key: len(self._values[key]))
        return [view for text in (*equal[key], None) for view in self._having.get((key, text), ())]

    def _why(self, tried: _Tried, names: Mapping[str, str], known: Mapping[str, str]) -> str:
        """Why a run is no trial's, or of which one is not told."""
        if tried.fits:
            return f"is not told apart: it may be {listed([view.trial.name for view in tried.fits], 'or')}"
        if tried.silent is not None:
            others = sorted(known.keys() - names.values())
            wanted = [name for key in tried.silent if (name := self._names.get(key)) and name not in known]
            if wanted:
                return f"has no {listed(wanted)}, which --key names; it says {listed(others)}"
            remedy = (
                f"; it says {listed(others)}: --key {tried.silent[0]}=NAME names the right one"
                if others
                else ""
            )
            return f"does not say {listed(tried.silent)}, by which trials differ{remedy}"
        if tried.nearest is None:
            return "the file has no trial"
        view, wrong = tried.nearest
        parts = []
        for key in wrong[:_MOST_SHOWN]:
            has = self._values[key]
            file_has = listed([param_text(value) for value in has.values()], "or")
            said = known[names[key]]
            if any(is_same(said, value) for value in has.values()):
                of_nearest = param_text(has[view.values[key]])
                parts.append(f"{key} is {said}, of the nearest trial, {view.trial.name}, {of_nearest}")
            else:
                parts.append(f"{key} is {said}, in the file {file_has}")
        return "; ".join(parts)


def _try(views: Iterable[_View], equal: Mapping[str, frozenset[str]]) -> _Tried:
    """Compare a run with trials, given the values of each key that it says."""
    fits, nearest, silent = [], None, None
    for view in views:
        wrong = [key for key, texts in equal.items() if key in view.values and view.values[key] not in texts]
        missing = sorted(view.telling - equal.keys())
        if not wrong and not missing:
            fits.append(view)
        elif wrong and (nearest is None or len(wrong) < len(nearest[1])):
            nearest = view, wrong
        elif not wrong and (silent is None or len(missing) < len(silent)):
            silent = missing
    return _Tried(fits, silent, nearest)


def names_of(keys: Iterable[str], known: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    """By which name a run says each key; keys that it does not say are left out.

    A name is the key's as it is written, or with other dashes, capitals and slashes (`--batch-size`, `optim/lr`), below a
    wrapper (`params.lr`), or without the parts before the last one (`lr` for `optim.lr`), if nothing else could be meant.

    Args:
        keys: The keys.
        known: The names that the run has.
        given: Names that the user gives, by key; they come first.
    """
    keys, names = list(keys), dict.fromkeys(known)
    found = {key: name for key, name in given.items() if key in keys and name in names}
    found |= {key: key for key in keys if key in names and key not in found and key not in given}
    lasts = Counter(_plain(key).rpartition(".")[2] for key in keys)
    rules = (_plain, lambda name: _unwrapped(_plain(name)))
    for rule in rules:
        left: defaultdict[str, list[str]] = defaultdict(list)
        for name in names.keys() - found.values():
            left[rule(name)].append(name)
        for key in keys:
            if key not in found and key not in given and len(own := left.get(_plain(key), [])) == 1:
                found[key] = own[0]
    free = {_unwrapped(_plain(name)): name for name in names.keys() - found.values()}
    for key in keys:
        last = _plain(key).rpartition(".")[2]
        if (
            key not in found
            and key not in given
            and last != _plain(key)
            and lasts[last] == 1
            and last in free
        ):
            found[key] = free[last]
    return found


def is_same(text: str, value: Value) -> bool:
    """Whether a text is a value of the config: equal as what the value is, however it is spelled."""
    if same_param(text, param_text(value)):
        return True
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    if isinstance(value, int | float):
        try:
            return float(text) == value
        except ValueError:
            return False
    return value is None and text.lower() in _NULLS


def _most_said(fits: Sequence[_View], names: Iterable[str]) -> _View | None:
    """Of the trials that fit, the one of which all is said that is said of the others, and more; None: none is."""
    said = set(names)
    shares = [(frozenset(said & view.values.keys()), view) for view in fits]
    best = max(shares, key=lambda share: len(share[0]), default=None)
    if best is None or any(
        own >= best[0] or not own < best[0] for own, view in shares if view is not best[1]
    ):
        return None
    return best[1]


def _says_nothing(known: Mapping[str, str]) -> str:
    if not known:
        return "nothing is known of its config; --config or --name tells it"
    return f"says none of the file's keys; it has {listed(list(known), 'and')}"


def listed(words: Sequence[str], joint: str = "and") -> str:
    """`a, b and c`, or `a, b, c, d, e and 7 more`."""
    shown = [
        *words[:_MOST_SHOWN],
        *([f"{len(words) - _MOST_SHOWN} more"] if len(words) > _MOST_SHOWN else []),
    ]
    return f" {joint} ".join(filter(None, [", ".join(shown[:-1]), shown[-1]])) if shown else ""


def _plain(name: str) -> str:
    return name.lstrip("-").replace("-", "_").replace("/", ".").lower()


def _unwrapped(name: str) -> str:
    first, _, rest = name.partition(".")
    return rest if rest and first in _WRAPPERS else name
