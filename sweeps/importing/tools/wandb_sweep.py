"""Reads a sweep file of Weights & Biases: its grid, or its random or Bayesian search."""

from __future__ import annotations

import math
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sweeps.errors import SpecError, SweepError
from sweeps.importing.imported import Imported
from sweeps.importing.tools.search_space import SearchSpace
from sweeps.program.template import escaped
from sweeps.spec.fields import is_whole
from sweeps.spec.yaml_reader import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sweeps.spec.yaml_reader import Value

_METHODS = {"grid": None, "random": "random", "bayes": "tpe"}
_GOALS = {"minimize": "min", "maximize": "max"}
_DROPPED = ("project", "entity", "description", "name", "controller", "run_cap", "program", "command")
_ARGS = {
    "${args}": {"style": "hf", "join": "equals"},
    "${args_no_boolean_flags}": {"style": "argparse", "join": "equals"},
    "${args_no_hyphens}": {"style": "hf", "prefix": "", "join": "equals"},
}
"""How W&B spells its arguments: `--lr=0.1`, and true as `--x=True` or `--x`."""
_DEEPEST = 10
_MOST_VALUES = 1000


def of_wandb(text: str, name: str) -> Imported:
    """The file that tries what a sweep of W&B tries.

    Raises:
        SweepError: It is no sweep of W&B.
    """
    try:
        root = parse(text, name).plain()
    except SpecError as error:
        raise SweepError(str(error)) from None
    parameters = root.get("parameters") if isinstance(root, dict) else None
    if not isinstance(root, dict) or not isinstance(parameters, dict):
        raise SweepError(
            f"{name}: is no sweep of W&B: it has no `parameters:`; name a file that has, or command lines"
        )
    method = root.get("method", "grid")
    space = SearchSpace()
    if method not in _METHODS:
        space.notes.append(f"method {method} is read as random; W&B has grid, random and bayes")
    if method == "bayes":
        space.notes.append("bayes becomes Optuna's sampler tpe, which suggests other trials")
    _parameters(parameters, "", space, is_grid=method == "grid", depth=0)
    trainer = _trainer(root, space)
    metric, goal = _metric(root.get("metric"), space)
    cap = root.get("run_cap")
    is_count = is_whole(cap) and cap > 0
    sweep = space.sweep(
        metric=metric,
        goal=goal,
        trials=cap if isinstance(cap, int) and is_count else None,
        sampler=_METHODS.get(str(method), "random") if method != "grid" else None,
        pruner=_pruner(root.get("early_terminate"), space),
    )
    for key in root.keys() - {"method", "parameters", "metric", "early_terminate", *_DROPPED}:
        space.notes.append(f"`{key}` does not carry over")
    program = str(root.get("program", "train.py"))
    title = root.get("name") if isinstance(root.get("name"), str) else PurePosixPath(program).stem
    return Imported(
        what=f"the W&B sweep {name}",
        experiment=str(title) or "sweeps",
        trainer=trainer,
        defaults=space.fixed,
        sweeps={"-".join(space.lists)[:60] if "grid" in sweep else str(method): sweep},
        notes=tuple(dict.fromkeys(space.notes)),
    )


def _parameters(
    parameters: Mapping[str, Value], prefix: str, space: SearchSpace, *, is_grid: bool, depth: int
) -> None:
    for name, body in parameters.items():
        key = f"{prefix}{name}"
        if not isinstance(body, dict):
            space.constant(key, body)
        elif isinstance(inner := body.get("parameters"), dict) and depth < _DEEPEST:
            _parameters(inner, f"{key}.", space, is_grid=is_grid, depth=depth + 1)
        elif "value" in body:
            space.constant(key, body["value"])
        elif isinstance(values := body.get("values"), list):
            space.choice(key, values, all_of_them=is_grid)
            if "probabilities" in body:
                space.notes.append(
                    f"the probabilities of {key} do not carry over: its values are drawn alike"
                )
        else:
            _range(key, body, space, is_grid=is_grid)


def _range(key: str, body: Mapping[str, Value], space: SearchSpace, *, is_grid: bool) -> None:
    low, high, step = body.get("min"), body.get("max"), body.get("q")
    are_whole = isinstance(low, int) and isinstance(high, int)
    kind = str(body.get("distribution", "int_uniform" if are_whole else "uniform"))
    if is_grid:
        values = _all_between(low, high, step)
        if values is None:
            space.left_out(key, "a grid takes lists, and this is a range")
        else:
            space.choice(key, values, all_of_them=True)
    elif kind in {"log_uniform", "q_log_uniform", "inv_log_uniform"} and _are_finite(low, high):
        space.notes.append(f"{key}: the bounds of {kind} are exponents of e, and are written out")
        space.numbers(key, _e_to(low), _e_to(high), step=step, log=True)
    elif kind in {"log_uniform_values", "q_log_uniform_values", "inv_log_uniform_values"}:
        space.numbers(key, low, high, step=step, log=True, whole=are_whole and kind.startswith("q_"))
    elif kind in {"uniform", "int_uniform", "q_uniform"}:
        is_whole = kind == "int_uniform" or (kind == "q_uniform" and are_whole and isinstance(step or 1, int))
        space.numbers(key, low, high, step=(step or 1) if kind == "q_uniform" else None, whole=is_whole)
    else:
        space.left_out(key, f"there is no distribution {kind} here; write {{float: [low, high]}}")


def _all_between(low: Value, high: Value, step: Value) -> list[Value] | None:
    """All whole numbers of a range; None where there are too many, or it has others."""
    if not isinstance(low, int) or not isinstance(high, int) or high - low > _MOST_VALUES:
        return None
    return list(range(low, high + 1, step if isinstance(step, int) and step > 0 else 1))


def _e_to(exponent: Value) -> float:
    return float(f"{math.exp(exponent):.6g}") if isinstance(exponent, int | float) else math.nan


def _are_finite(*bounds: Value) -> bool:
    return all(isinstance(bound, int | float) and abs(bound) < 700 for bound in bounds)  # noqa: PLR2004 - e to it is a number


def _metric(metric: Value, space: SearchSpace) -> tuple[str | None, str | None]:
    if not isinstance(metric, dict) or not isinstance(metric.get("name"), str):
        return None, None
    if "target" in metric:
        space.notes.append(
            "the target of the metric does not carry over: the search goes on to its last trial"
        )
    return str(metric["name"]), _GOALS.get(str(metric.get("goal", "minimize")), "min")


def _pruner(body: Value, space: SearchSpace) -> dict[str, Value] | None:
    if not isinstance(body, dict):
        return None
    if body.get("type") != "hyperband":
        space.notes.append(f"early_terminate of type {body.get('type')} does not carry over; see `pruner`")
        return None
    pruner: dict[str, Value] = {"name": "hyperband"}
    if isinstance(body.get("min_iter"), int):
        pruner["min_resource"] = body["min_iter"]
    if isinstance(body.get("eta"), int):
        pruner["reduction_factor"] = body["eta"]
    space.notes.append("early_terminate becomes Optuna's hyperband, which stops other trials")
    return pruner


def _trainer(root: Mapping[str, Value], space: SearchSpace) -> dict[str, Value]:
    program = str(root.get("program", "train.py"))
    if "program" not in root:
        space.notes.append("the file names no `program`: train.py is a guess")
    command = root.get("command")
    given = (
        [str(word) for word in command]
        if isinstance(command, list)
        else ["${env}", "python", "${program}", "${args}"]
    )
    words: list[Value] = []
    args: Value = None
    for word in given:
        if word in _ARGS:
            words.append("{args}")
            args = dict(_ARGS[word])
        elif word.startswith("${args"):
            space.notes.append(
                f"{word} does not carry over: the program reads the file $SWEEP_CONFIG instead"
            )
            args = "none"
        elif word == "${interpreter}":
            words.append("python")
        elif word == "${program}":
            words.append(program)
        elif word not in {"${env}", "/usr/bin/env"}:
            words.append(escaped(word))
    space.notes.append(
        "the settings come as arguments; a program that reads wandb.config alone does not get them"
    )
    return {"command": words, **({"args": args} if args is not None else {})}
