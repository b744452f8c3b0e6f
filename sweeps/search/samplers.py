"""Optuna's samplers and pruners by name, their options checked against their own signatures.

Optuna is imported inside the functions: it takes 0.3 s, and only a file with a `search:` needs it.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import warnings
import zlib
from typing import TYPE_CHECKING, Any

from sweeps.errors import Problem, did_you_mean
from sweeps.spec.fields import is_whole
from sweeps.spec.model import MAX_TRIALS
from sweeps.spec.search_space import PRUNERS, SAMPLERS, to_optuna
from sweeps.spec.yaml_reader import describe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler

    from sweeps.spec.search_space import Algorithm, SearchSpec
    from sweeps.spec.yaml_reader import Value

_SAME_SEED = frozenset({"qmc", "grid"})
"""Samplers that walk through one fixed sequence, and so need the same seed in every trial."""
_NEEDS = {
    "cmaes": ("cmaes", "cmaes"),
    "gp": ("torch", "torch"),
    "qmc": ("scipy", "scipy"),
    "wilcoxon": ("scipy", "scipy"),
}
_TYPES: dict[str, tuple[type, str]] = {
    "int": (int, "a whole number"),
    "float": (float, "a number"),
    "bool": (bool, "true or false"),
    "str": (str, "a word"),
    "None": (type(None), "null"),
}
_AT_LEAST = {
    "reduction_factor": 2,
    "min_resource": 1,
    "max_resource": 1,
    "n_ei_candidates": 1,
    "interval_steps": 1,
}
"""The least value of options that Optuna looks at only when a search runs; that of any other count is 0."""
_ELSEWHERE = {
    "seed": "the search's own `seed` holds for it",
    "search_space": "the search's `space` is it",
}


def search_problems(search: SearchSpec, where: str, epochs: int | None) -> Iterator[Problem]:
    """What is wrong with the sampler and the pruner: unknown options, wrong values, what is not installed.

    Args:
        search: The search.
        where: How messages name it.
        epochs: The epochs of a trial, where they are known.
    """
    for part, chosen, known in (
        ("sampler", search.sampler, SAMPLERS),
        ("pruner", search.pruner, PRUNERS),
    ):
        wrong = list(_option_problems(chosen, known, f"{where}.{part}"))
        yield from wrong
        if wrong:
            continue
        try:
            if part == "pruner":
                make_pruner(search, epochs)
            elif chosen.name != "grid":  # which lists the whole space; it has no options to try
                make_sampler(search, 0)
        except (ValueError, TypeError) as error:
            message = f"{where}.{part}: {chosen.name}: {str(error).splitlines()[0]}"
            yield Problem(chosen.place, message)
    yield from _resource_problems(search.pruner, epochs, f"{where}.pruner")
    if search.sampler.name == "grid":
        yield from _grid_problems(search, where)
    if search.sampler.name == "cmaes" and len(search.objectives) > 1:
        message = (
            f"cmaes seeks one objective, and this search has {len(search.objectives)}; use tpe, nsgaii or gp"
        )
        yield Problem(search.sampler.place, f"{where}.sampler: {message}")


def _grid_problems(search: SearchSpec, where: str) -> Iterator[Problem]:
    """What keeps the sampler `grid` from walking through a space."""
    for dimension in search.dimensions:
        if dimension.size is None:
            message = f"the sampler `grid` needs a `step` to walk along {dimension.key}"
            yield Problem(dimension.place, f"{where}.space.{dimension.key}: {message}")
        elif dimension.when is not None:
            message = f"the sampler `grid` cannot draw {dimension.key} in some trials only"
            yield Problem(dimension.place, f"{where}.space.{dimension.key}: {message}")
    if (size := search.size or 0) > MAX_TRIALS:
        message = (
            f"the sampler `grid` walks through {MAX_TRIALS:,} points at most, and the space has {size:,}"
        )
        yield Problem(search.sampler.place, f"{where}.sampler: {message}; write larger steps, or use another")


def make_sampler(search: SearchSpec, number: int) -> BaseSampler:
    """The sampler that suggests trial number `number`.

    Each trial has a sampler of its own, seeded by the search's seed and the trial's number: so a search that is
    taken up again goes on with the draws that it would have made, and never repeats the first ones.

    Raises:
        ValueError: Optuna refuses an option's value.
    """
    from optuna import samplers

    name = search.sampler.name
    same_seed = name in _SAME_SEED
    seed = search.seed if same_seed else zlib.crc32(f"{search.seed}/{number}".encode())
    options: dict[str, Any] = {key: setting.value for key, setting in search.sampler.options.items()}
    if name == "tpe":
        options.setdefault(
            "constant_liar", True
        )  # trials that run count as bad ones, so that slots spread out
    if name == "grid":
        options["search_space"] = {
            dimension.key: [to_optuna(value) for value in dimension.grid()] for dimension in search.dimensions
        }
    with quiet():
        return getattr(samplers, SAMPLERS[name])(seed=seed, **options)  # type: ignore[no-any-return]


def make_pruner(search: SearchSpec, epochs: int | None) -> BasePruner:
    """The pruner; hyperband gets the number of epochs where that is known.

    Raises:
        ValueError: Optuna refuses an option's value.
    """
    from optuna import pruners

    options: dict[str, Any] = {key: setting.value for key, setting in search.pruner.options.items()}
    if search.pruner.name == "hyperband" and epochs is not None:
        options.setdefault("max_resource", epochs)
    with quiet():
        return getattr(pruners, PRUNERS[search.pruner.name])(**options)  # type: ignore[no-any-return]


def quiet() -> warnings.catch_warnings[None]:
    """Without Optuna's warnings on what is experimental or will be removed: none is the user's doing."""
    _hush()
    return warnings.catch_warnings(action="ignore")


@functools.cache
def _hush() -> None:
    from optuna import logging

    logging.set_verbosity(logging.ERROR)


def _option_problems(chosen: Algorithm, known: Mapping[str, str], where: str) -> Iterator[Problem]:
    needed = _NEEDS.get(chosen.name)
    if needed is not None and importlib.util.find_spec(needed[0]) is None:
        message = f"{where}: {chosen.name} needs the package {needed[1]}; run `pip install {needed[1]}`"
        yield Problem(chosen.place, message)
        return
    takes = _options(known[chosen.name])
    for key, setting in chosen.options.items():
        place = setting.key_place or setting.place
        if key in _ELSEWHERE:
            yield Problem(place, f"{where}: {key} is not given here; {_ELSEWHERE[key]}")
        elif key not in takes:
            hint = did_you_mean(key, takes) or f"; it takes {', '.join(takes) or 'none'}"
            yield Problem(place, f"{where}: {chosen.name} takes no option '{key}'{hint}")
        elif not _fits(setting.value, takes[key]):
            wanted = " or ".join(_TYPES[name][1] for name in takes[key] if name != "None")
            yield Problem(setting.place, f"{where}.{key}: must be {wanted}, not {describe(setting.value)}")
        elif (
            is_whole(setting.value)
            and "int" in takes[key]
            and setting.value < (least := _AT_LEAST.get(key, 0))
        ):
            yield Problem(setting.place, f"{where}.{key}: must be at least {least}, not {setting.value}")
    if chosen.name == "percentile" and "percentile" not in chosen.options:
        message = (
            f"{where}: percentile needs its option `percentile`, such as {{name: percentile, percentile: 25}}"
        )
        yield Problem(chosen.place, message)


def _resource_problems(pruner: Algorithm, epochs: int | None, where: str) -> Iterator[Problem]:
    """Hyperband finds out that it has no room for a single bracket when the first trial reports."""
    given = pruner.options.get("min_resource")
    if pruner.name != "hyperband" or given is None:
        return
    most = pruner.options["max_resource"].value if "max_resource" in pruner.options else epochs
    if is_whole(given.value) and is_whole(most) and given.value > most:
        what = "max_resource" if "max_resource" in pruner.options else "the number of epochs"
        message = f"{where}.min_resource: {given.value} is more than {what}, {most}"
        yield Problem(given.place, message)


def _options(name: str) -> dict[str, tuple[str, ...]]:
    """What a sampler or pruner takes that a file can say, each with the names of its types."""
    import optuna

    found = getattr(optuna.samplers, name, None) or getattr(optuna.pruners, name)
    options = {}
    for key, parameter in inspect.signature(found.__init__).parameters.items():
        annotation = parameter.annotation
        words = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
        types = tuple(word.strip() for word in words.strip("'").split("|"))
        if key not in _ELSEWHERE and types != ("None",) and set(types) <= _TYPES.keys():
            options[key] = types
    return options


def _fits(value: Value, types: tuple[str, ...]) -> bool:
    if isinstance(value, bool):
        return "bool" in types
    if isinstance(value, int) and "float" in types:
        return True
    return any(isinstance(value, _TYPES[name][0]) for name in types)
