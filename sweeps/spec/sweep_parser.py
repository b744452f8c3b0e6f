"""Reads the sweeps of the file: names, axes, extra trials, exclusions, conditions, resources, limits, search."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sweeps.spec.axis_parser import SEED, check_axes_differ, read_grid, read_seeds, read_zip
from sweeps.spec.model import SweepSpec, When
from sweeps.spec.resources import read_limits, read_resources
from sweeps.spec.search_parser import read_search
from sweeps.spec.setting_parser import read_condition, read_layer
from sweeps.spec.yaml_reader import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.errors import Place
    from sweeps.spec.fields import FieldReader
    from sweeps.spec.settings import Axis, Layer
    from sweeps.spec.yaml_reader import Node

SWEEPS_EXAMPLE = "sweeps: {my-sweep: {grid: {lr: [1e-3, 1e-4]}}}"

SWEEP_KEYS = (
    *("grid", "zip", "include", "exclude", "when", "set", "seeds"),
    *("search", "resources", "limits"),
)
_MAKES_TRIALS = frozenset({"grid", "zip", "include", "seeds", "set", "search"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_MAX_NAME = 100


def read_sweeps(node: Node, reader: FieldReader) -> tuple[SweepSpec, ...]:
    """Read the sweeps by name; a sweep that cannot be read is left out."""
    entries = reader.mapping(node)
    if entries is not None and not entries:
        reader.problem(node, f"defines no sweep; write for example `{SWEEPS_EXAMPLE}`")
    sweeps = []
    for name, body in (entries or {}).items():
        place = node.key_place(name)
        if not _NAME.fullmatch(name) or len(name) > _MAX_NAME:
            allowed = "start with a letter or digit, continue with letters, digits and . _ + -"
            message = f"the name {describe(name)} must {allowed}, and have at most {_MAX_NAME} characters"
            reader.problem(node, message, at=place)
            continue
        sweep = _read_sweep(name, body, place, reader)
        if sweep is not None:
            sweeps.append(sweep)
    return tuple(sweeps)


def _read_sweep(name: str, body: Node, place: Place, reader: FieldReader) -> SweepSpec | None:
    entries = reader.mapping(body, SWEEP_KEYS)
    if entries is None:
        return None
    if not _MAKES_TRIALS & entries.keys():
        reader.problem(body, "defines no trials; add `grid`, `zip`, `include` or `search`")
    grid = read_grid(entries.get("grid"), reader)
    zipped = read_zip(entries.get("zip"), reader)
    seeds = read_seeds(entries.get("seeds"), reader)
    check_axes_differ((*grid, *zipped), seeds, body, reader)
    return SweepSpec(
        name=name,
        place=place,
        grid=grid,
        zipped=zipped,
        include=tuple(_read_include(entries.get("include"), seeds, reader)),
        exclude=tuple(
            (read_condition(item, reader), item.place) for item in reader.items(entries.get("exclude"))
        ),
        when=tuple(_read_whens(entries.get("when"), reader)),
        settings=read_layer(entries.get("set"), reader),
        seeds=seeds,
        resources=read_resources(entries.get("resources"), reader),
        limits=read_limits(entries.get("limits"), reader),
        search=read_search(body, reader),
    )


def _read_include(
    node: Node | None, seeds: Axis | None, reader: FieldReader
) -> Iterator[tuple[Layer, Place]]:
    for item in reader.items(node):
        layer = read_layer(item, reader)
        if seeds is not None and SEED in layer:
            reader.problem(item, "`seeds` varies seed already; keep one of them", at=layer[SEED].place)
        yield layer, item.place


def _read_whens(node: Node | None, reader: FieldReader) -> Iterator[When]:
    for item in reader.items(node):
        entries = reader.mapping(item, ("if", "set"))
        if entries is None:
            continue
        missing = [key for key in ("if", "set") if key not in entries]
        if missing:
            reader.problem(item, f"each entry is {{if: {{...}}, set: {{...}}}}; `{missing[0]}` is missing")
            continue
        condition = read_condition(entries["if"], reader)
        yield When(condition, read_layer(entries["set"], reader), item.place)
