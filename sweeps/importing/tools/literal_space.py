"""Reads the search space of Optuna or Ray Tune that stands in a Python file. The file is parsed, never run."""

from __future__ import annotations

import ast
import math
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sweeps.authoring.literals import value_of
from sweeps.authoring.option import Formula
from sweeps.authoring.syntax import argument, keywords_of, name_of
from sweeps.errors import SweepError
from sweeps.importing.imported import Imported
from sweeps.importing.tools.search_space import SearchSpace
from sweeps.spec.fields import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sweeps.spec.yaml_reader import Value

_NAMES = frozenset(
    {"param_space", "search_space", "space", "config", "hyperparameters", "distributions", "hp_space"}
)
_MODES = {
    "min": "min",
    "minimize": "min",
    "MINIMIZE": "min",
    "max": "max",
    "maximize": "max",
    "MAXIMIZE": "max",
}
_DEEPEST = 10
_SAMPLERS = frozenset(
    {"RandomSampler", "TPESampler", "CmaEsSampler", "QMCSampler", "NSGAIISampler", "GPSampler"}
)


_STOPPERS = frozenset(
    {
        "ASHAScheduler",
        "AsyncHyperBandScheduler",
        "HyperBandScheduler",
        "HyperBandForBOHB",
        "MedianStoppingRule",
        "PopulationBasedTraining",
        "PB2",
    }
)
"""Ray's, which stop trials early."""


class _Unknown(Exception):  # noqa: N818 - caught where it arises
    """A value that only running the file would show."""


def of_python(text: str, name: str, program: str) -> Imported:
    """The file that tries what a Python file has Optuna or Ray try.

    Raises:
        SweepError: It is no Python, or has no search space that stands in it.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise SweepError(f"{name}:{error.lineno or 1}: is not Python: {error.msg}; correct it") from None
    except (ValueError, RecursionError, MemoryError):
        raise SweepError(
            f"{name}: is not Python that can be read; name a file that holds the search space"
        ) from None
    reader = _Reader()
    try:
        reader.read(tree)
    except RecursionError:
        raise SweepError(f"{name}: is nested too deeply; write the search space as a plain dict") from None
    space = reader.space
    if not (space.lists or space.drawn):
        wanted = "a dict such as `param_space = {...}`, or trial.suggest_float(...)"
        raise SweepError(
            f"{name}: holds no search space that can be read without running it: {wanted}; "
            "for a script's options `sweep init SCRIPT`"
        )
    space.notes.append(
        f"which code trains is a guess: {program}, with its settings as arguments; write `trainer:`"
    )
    sweep = space.sweep(
        metric=reader.metric,
        goal=reader.goal,
        trials=reader.all_trials(),
        sampler=reader.sampler,
        pruner=None,
    )
    return Imported(
        what=f"the search space in {name}",
        experiment=PurePosixPath(program).stem or "sweeps",
        trainer={"command": ["python", program, "{args}"], "args": "argparse"},
        defaults=space.fixed,
        sweeps={"search" if "search" in sweep else "-".join(space.lists)[:60]: sweep},
        notes=tuple(dict.fromkeys(space.notes)),
    )


class _Reader:
    """Collects what the calls and dicts of a file say of a search."""

    def __init__(self) -> None:
        self.space = SearchSpace()
        self.metric: str | None = None
        self.goal: str | None = None
        self.trials: int | None = None
        self.sampler: str | None = None
        self.is_per_point = False
        self._named: dict[str, ast.expr] = {}
        self._in_branches: set[int] = set()
        self._seen: set[int] = set()

    def all_trials(self) -> int | None:
        """How many trials the file asks for: Ray's `num_samples` is for each point of its grid."""
        points = math.prod(len(values) for values in self.space.lists.values())
        if self.trials is None or not self.is_per_point or points == 1 or not self.space.drawn:
            return self.trials
        self.space.notes.append(
            f"num_samples {self.trials} for each of {points} points of the grid is {self.trials * points} trials"
        )
        return self.trials * points

    def read(self, tree: ast.Module) -> None:
        """Go through the file."""
        nodes = list(ast.walk(tree))
        branches = (node for node in nodes if isinstance(node, ast.If | ast.IfExp | ast.Match))
        self._in_branches = {id(inner) for branch in branches for inner in ast.walk(branch)}
        for node in nodes:
            for name, value in _assigned(node):
                self._named.setdefault(name, value)
        for node in nodes:
            if isinstance(node, ast.Call):
                self._call(node)
        for name, value in self._named.items():
            if (
                name in _NAMES
                and isinstance(value, ast.Dict)
                and (self._is_space(value) or name == "param_space")
            ):
                self._dict(value, "", all_lists=False)

    def _call(self, call: ast.Call) -> None:
        name = name_of(call.func)
        keywords = keywords_of(call)
        if name.startswith("suggest_"):
            self._suggest(name, call, keywords)
        if isinstance(text := self._or_none(keywords.get("metric")), str):
            self.metric = text
        for word in ("mode", "direction"):
            self.goal = _MODES.get(str(self._or_none(keywords.get(word)))) or self.goal
        if name in {"optimize", "TuneConfig", "run"}:
            self._count(keywords)
        if name in {"Tuner", "run", "GridSampler"}:
            self._space_of(call, keywords, all_lists=name == "GridSampler")
        self._name_what_is_lost(name, call, keywords)
        if name in _SAMPLERS:
            self.sampler = {"CmaEsSampler": "cmaes"}.get(name, name.removesuffix("Sampler").lower())

    def _name_what_is_lost(self, name: str, call: ast.Call, keywords: Mapping[str, ast.expr]) -> None:
        """Note what of a call the file has no place for, or has by another name."""
        notes = self.space.notes
        if name in _STOPPERS or (name.endswith("Pruner") and name != "NopPruner"):
            notes.append(
                f"{name} is left out: what stops trials early is `pruner:` here, such as {{name: median}}"
            )
        if name in _SAMPLERS and (options := sorted(keywords)):
            notes.append(
                f"{name}: its {', '.join(options)} {'is' if len(options) == 1 else 'are'} left out: write `seed:` into the search, "
                "other options as in `sampler: {name: tpe, n_startup_trials: 20}`"
            )
        if name == "optimize" and "timeout" in keywords:
            notes.append("timeout is left out: write `timeout:` into the search, such as 2h")
        if name == "create_study" and "directions" in keywords:
            notes.append(
                "it has several objectives: write each with its direction, such as {val/loss: min, size: min}"
            )
        if name == "enqueue_trial":
            notes.append("enqueue_trial is left out: write starting points under `enqueue:`")
        if name.startswith("suggest_") and id(call) in self._in_branches:
            key = self._or_none(call.args[0]) if call.args else None
            notes.append(f"{key or name} is suggested in some trials only: write its condition as `when:`")

    def _count(self, keywords: Mapping[str, ast.expr]) -> None:
        """How many trials a call asks for."""
        for word in ("n_trials", "num_samples"):
            count = self._or_none(keywords.get(word))
            if is_whole(count) and count > 0:
                self.trials = count
                self.is_per_point = word == "num_samples"

    def _space_of(self, call: ast.Call, keywords: Mapping[str, ast.expr], *, all_lists: bool) -> None:
        """The dict that a call is given."""
        given = keywords.get("param_space") or keywords.get("config") or keywords.get("search_space")
        if all_lists and given is None and call.args:
            given = call.args[0]
        found = self._followed(given)
        if isinstance(found, ast.Dict):
            self._dict(found, "", all_lists=all_lists)

    def _suggest(self, name: str, call: ast.Call, keywords: Mapping[str, ast.expr]) -> None:
        """`trial.suggest_float("lr", 1e-5, 1e-1, log=True)`."""
        key = self._or_none(argument(call, 0, "name"))
        if not isinstance(key, str):
            self.space.left_out(
                f"line {call.lineno}", "the name of what is suggested is made when the file runs"
            )
            return
        kind = {
            "suggest_float": "FloatDistribution",
            "suggest_int": "IntDistribution",
            "suggest_categorical": "CategoricalDistribution",
            "suggest_uniform": "UniformDistribution",
            "suggest_loguniform": "LogUniformDistribution",
            "suggest_discrete_uniform": "DiscreteUniformDistribution",
        }.get(name)
        if kind is None:
            self.space.left_out(key, f"{name} is not known")
            return
        self._drawn(key, kind, call.args[1:], keywords)

    def _is_space(self, value: ast.Dict) -> bool:
        calls = (node for node in ast.walk(value) if isinstance(node, ast.Call))
        return any(name_of(call.func) in _KINDS for call in calls)

    def _dict(self, value: ast.Dict, prefix: str, *, all_lists: bool, depth: int = 0) -> None:
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        for key_node, entry in zip(value.keys, value.values, strict=True):
            key = self._or_none(key_node)
            if not isinstance(key, str):
                self.space.left_out(f"line {value.lineno}", "its key is made when the file runs")
                continue
            found = self._followed(entry)
            if isinstance(found, ast.Dict) and not all_lists and depth < _DEEPEST:
                self._dict(found, f"{prefix}{key}.", all_lists=False, depth=depth + 1)
            elif isinstance(found, ast.Call):
                self._drawn(f"{prefix}{key}", name_of(found.func), found.args, keywords_of(found))
            else:
                self._constant(f"{prefix}{key}", entry, all_lists=all_lists)

    def _constant(self, key: str, node: ast.expr, *, all_lists: bool) -> None:
        try:
            value = self._value(node)
        except _Unknown:
            self.space.left_out(key, f"`{ast.unparse(node)[:60]}` is known only when the file runs")
            return
        if all_lists and isinstance(value, list):
            self.space.choice(key, value, all_of_them=True)
        else:
            self.space.constant(key, value)

    def _drawn(self, key: str, kind: str, args: list[ast.expr], keywords: Mapping[str, ast.expr]) -> None:
        """A key that is drawn as a call says."""
        form = _KINDS.get(kind)
        if form is None:
            self.space.left_out(
                key, f"{kind or 'what it calls'}(...) has no equal here; write {{float: [low, high]}}"
            )
            return
        names, options = form
        try:
            given = {**dict(zip(names, map(self._value, args), strict=False))}
            given |= {_SAME.get(name, name): self._value(node) for name, node in keywords.items()}
        except _Unknown:
            self.space.left_out(key, "its bounds are known only when the file runs")
            return
        if "values" in names:
            values = given.get("values")
            self.space.choice(key, values if isinstance(values, list) else [], all_of_them="all" in options)
            return
        low, high = given.get("low"), given.get("high")
        is_whole = "whole" in options
        if is_whole and "below" in options and isinstance(high, int):
            high -= 1  # Ray's upper bound is not drawn
        log = "log" in options or given.get("log") is True
        step = given.get("step")
        self.space.numbers(key, low, high, log=log, step=step, whole=is_whole)

    def _followed(self, node: ast.expr | None) -> ast.expr | None:
        return self._named.get(node.id, node) if isinstance(node, ast.Name) else node

    def _or_none(self, node: ast.expr | None) -> Value:
        try:
            return None if node is None else self._value(node)
        except _Unknown:
            return None

    def _value(self, node: ast.expr) -> Value:
        """A literal, or what a name of the file stands for.

        Raises:
            _Unknown: Only running the file would show it.
        """
        if isinstance(node, ast.Attribute) and node.attr in _MODES:
            return node.attr
        value = value_of(node, self._named)
        if isinstance(value, Formula):
            raise _Unknown
        return value


_KINDS: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {
    "grid_search": (("values",), frozenset({"all"})),
    "choice": (("values",), frozenset()),
    "CategoricalDistribution": (("values",), frozenset()),
    "uniform": (("low", "high"), frozenset()),
    "quniform": (("low", "high", "step"), frozenset()),
    "loguniform": (("low", "high", "base"), frozenset({"log"})),
    "qloguniform": (("low", "high", "step", "base"), frozenset({"log"})),
    "randint": (("low", "high"), frozenset({"whole", "below"})),
    "qrandint": (("low", "high", "step"), frozenset({"whole"})),
    "lograndint": (("low", "high", "base"), frozenset({"whole", "below", "log"})),
    "qlograndint": (("low", "high", "step", "base"), frozenset({"whole", "log"})),
    "FloatDistribution": (("low", "high"), frozenset()),
    "IntDistribution": (("low", "high"), frozenset({"whole"})),
    "UniformDistribution": (("low", "high"), frozenset()),
    "LogUniformDistribution": (("low", "high"), frozenset({"log"})),
    "DiscreteUniformDistribution": (("low", "high", "step"), frozenset()),
    "IntUniformDistribution": (("low", "high", "step"), frozenset({"whole"})),
    "IntLogUniformDistribution": (("low", "high", "step"), frozenset({"whole", "log"})),
}
"""What each call draws: the names of its arguments, and what else is to know."""
_SAME = {"lower": "low", "upper": "high", "q": "step", "choices": "values", "categories": "values"}


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign):
        yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target.id, node.value
