"""Conditions that hold for no trial, or name keys that there are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeps.errors import Problem, did_you_mean
from sweeps.planning.trial import shown
from sweeps.spec.settings import same

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from sweeps.spec.model import SweepSpec
    from sweeps.spec.settings import Condition
    from sweeps.spec.yaml_reader import Value
    from sweeps.trainer.config_schema import ConfigSchema


_MOST_LISTED = 10
"""How many values a message lists."""


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
