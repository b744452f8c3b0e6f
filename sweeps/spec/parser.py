"""Located YAML to a `Spec`, collecting every problem of the file's shape on the way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sweeps.errors import Place, SpecError, did_you_mean
from sweeps.spec.fields import Shape
from sweeps.spec.model import Profile, Spec, SweepSpec, TrainerSpec, When
from sweeps.spec.resources import read_limits, read_resources
from sweeps.spec.search_parser import read_search
from sweeps.spec.setting_parser import (
    SEED,
    check_apart,
    flat_layer,
    read_axes,
    read_condition,
    read_layer,
    read_seeds,
)
from sweeps.spec.yaml_reader import Located, describe, parse, read_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from sweeps.spec.settings import Axis, Layer

_TOP_KEYS = ("experiment", "trainer", "profile", "defaults", "profiles", "sweeps")
_SWEEP_KEYS = (
    *("grid", "zip", "include", "exclude", "when", "set", "seeds"),
    *("search", "resources", "limits"),
)
_TRAINER_KEYS = ("run", "command", "config", "epochs")
_EXAMPLES = {
    "trainer": "trainer: {run: cvae.train:train, config: cvae.config:TrainConfig}",
    "sweeps": "sweeps: {my-sweep: {grid: {lr: [1e-3, 1e-4]}}}",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_MAX_NAME = 100


def read_spec(path: Path) -> Spec:
    """Read and check the shape of a spec.

    Raises:
        SpecError: With every problem of the file's shape at once.
    """
    text = read_text(path)
    shape = Shape()
    spec = _Reader(shape).spec(parse(text, str(path)), str(path), text)
    if shape.problems or spec is None:
        raise SpecError(shape.problems)
    return spec


class _Reader:
    """Turns located YAML into a `Spec`; what does not fit is noted in `shape`."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def spec(self, root: Located, file: str, text: str) -> Spec | None:
        entries = self._shape.mapping(root, "the file", _TOP_KEYS)
        if entries is None:
            return None
        for key, example in _EXAMPLES.items():
            if key not in entries:
                self._shape.problem(root.place, f"`{key}:` is missing; write for example `{example}`")
        experiment = self._shape.word(entries.get("experiment"), "experiment") or "sweeps"
        named = entries["sweeps"].mapping or {} if "sweeps" in entries else {}
        profiles = self._profiles(entries.get("profiles"), named)
        chosen = self._shape.word(entries.get("profile"), "profile")
        if chosen is not None and chosen not in profiles:
            hint = did_you_mean(chosen, profiles)
            told = f"'{chosen}' is not one of {', '.join(profiles)}{hint}"
            if not profiles:
                told = f"'{chosen}' is not defined; write for example `profiles: {{{chosen}: {{lr: 1e-3}}}}`"
            self._shape.problem(entries["profile"].place, f"profile: {told}")
        defaults = read_layer(entries.get("defaults"), "defaults", self._shape)
        trainer = self._trainer(entries["trainer"]) if "trainer" in entries else None
        sweeps = tuple(self._sweeps(entries["sweeps"])) if "sweeps" in entries else ()
        if trainer is None or self._shape.problems:
            return None
        return Spec(file, text, experiment, trainer, chosen, defaults, profiles, sweeps)

    def _trainer(self, node: Located) -> TrainerSpec | None:
        if isinstance(node.content, str):
            run = self._shape.target(node, "trainer")
            return TrainerSpec(run, None, None, "num_epoch", node.place)
        entries = self._shape.mapping(node, "trainer", _TRAINER_KEYS)
        if entries is None:
            return None
        if ("run" in entries) == ("command" in entries):
            message = "trainer: takes either `run: module:function` or `command: [program, ...]`"
            self._shape.problem(node.place, message)
            return None
        command = self._command(entries["command"]) if "command" in entries else ()
        return TrainerSpec(
            run=self._shape.target(entries.get("run"), "trainer.run"),
            command=tuple(text for text, _ in command) or None,
            config=self._shape.target(entries.get("config"), "trainer.config"),
            epochs=self._shape.word(entries.get("epochs"), "trainer.epochs") or "num_epoch",
            place=node.place,
            command_places=tuple(place for _, place in command),
            places={key: entry.place for key, entry in entries.items()},
        )

    def _command(self, node: Located) -> list[tuple[str, Place]]:
        arguments = node.items
        if not arguments:
            found = "an empty list" if arguments is not None else node.describe()
            example = "[python, train.py, --lr, '{lr}']"
            message = f"trainer.command: must be a list of words, such as {example}, not {found}"
            self._shape.problem(node.place, message)
            return []
        command = []
        for argument in arguments:
            value = argument.content
            if isinstance(value, dict | tuple) or value is None:
                message = f"trainer.command: an argument must be a word, not {argument.describe()}; put it in quotes"
                self._shape.problem(argument.place, message)
                continue
            command.append((str(value).lower() if isinstance(value, bool) else str(value), argument.place))
        return command

    def _profiles(self, node: Located | None, sweeps: Collection[str]) -> dict[str, Profile]:
        profiles = {}
        for name, body in (self._shape.mapping(node, "profiles") or {}).items():
            where = f"profiles.{name}"
            entries = self._shape.mapping(body, where)
            if entries is None:
                continue
            own = {key: value for key, value in entries.items() if key != "sweeps"}
            layers = {}
            per_sweep = entries.get("sweeps")
            for sweep, settings in (self._shape.mapping(per_sweep, f"{where}.sweeps") or {}).items():
                if sweep not in sweeps and per_sweep is not None:
                    hint = did_you_mean(sweep, sweeps) or f"; there are {', '.join(sweeps) or 'none'}"
                    message = f"{where}.sweeps: there is no sweep '{sweep}'{hint}"
                    self._shape.problem(per_sweep.key_place(sweep), message)
                layers[sweep] = read_layer(settings, f"{where}.sweeps.{sweep}", self._shape)
            profiles[name] = Profile(flat_layer(own, where, self._shape, body), layers)
        return profiles

    def _sweeps(self, node: Located) -> Iterable[SweepSpec]:
        entries = self._shape.mapping(node, "sweeps")
        if entries is not None and not entries:
            self._shape.problem(
                node.place, f"sweeps: holds no sweep; write for example `{_EXAMPLES['sweeps']}`"
            )
        for name, body in (entries or {}).items():
            if not _NAME.fullmatch(name) or len(name) > _MAX_NAME:
                message = (
                    f"sweeps: the name {describe(name)} must begin with a letter or digit and go on with "
                    f"letters, digits and . _ + -, at most {_MAX_NAME} in all"
                )
                self._shape.problem(node.key_place(name), message)
            elif (sweep := self._sweep(name, body, node.key_place(name))) is not None:
                yield sweep

    def _sweep(self, name: str, body: Located, place: Place) -> SweepSpec | None:
        where = f"sweeps.{name}"
        entries = self._shape.mapping(body, where, _SWEEP_KEYS)
        if entries is None:
            return None
        if not {"grid", "zip", "include", "seeds", "set", "search"} & entries.keys():
            message = f"{where}: has nothing to expand; give it a `grid`, `zip`, `include` or `search`"
            self._shape.problem(body.place, message)
        grid = read_axes(entries.get("grid"), f"{where}.grid", self._shape)
        zipped = self._zip(entries.get("zip"), f"{where}.zip")
        seeds = read_seeds(entries.get("seeds"), f"{where}.seeds", self._shape)
        check_apart((*grid, *zipped), seeds, where, self._shape)
        return SweepSpec(
            name=name,
            place=place,
            grid=grid,
            zipped=zipped,
            include=tuple(self._include(entries.get("include"), f"{where}.include", seeds)),
            exclude=tuple(
                (read_condition(item, f"{where}.exclude", self._shape), item.place)
                for item in self._shape.items(entries.get("exclude"), f"{where}.exclude")
            ),
            when=tuple(self._whens(entries.get("when"), f"{where}.when")),
            settings=read_layer(entries.get("set"), f"{where}.set", self._shape),
            seeds=seeds,
            resources=read_resources(entries.get("resources"), f"{where}.resources", self._shape),
            limits=read_limits(entries.get("limits"), f"{where}.limits", self._shape),
            search=read_search(body, where, self._shape),
        )

    def _zip(self, node: Located | None, where: str) -> tuple[Axis, ...]:
        axes = read_axes(node, where, self._shape)
        if node is not None and len({len(axis.values) for axis in axes}) > 1:
            told = ", ".join(f"{axis.key} has {len(axis.values)}" for axis in axes)
            self._shape.problem(node.place, f"{where}: lists must have the same length, but {told}")
        return axes

    def _include(self, node: Located | None, where: str, seeds: Axis | None) -> Iterable[tuple[Layer, Place]]:
        for item in self._shape.items(node, where):
            layer = read_layer(item, where, self._shape)
            if seeds is not None and SEED in layer:
                message = f"{where}.{SEED}: is what `seeds` varies; keep one of them"
                self._shape.problem(layer[SEED].place, message)
            yield layer, item.place

    def _whens(self, node: Located | None, where: str) -> Iterable[When]:
        for item in self._shape.items(node, where):
            entries = self._shape.mapping(item, where, ("if", "set"))
            if entries is None:
                continue
            missing = [key for key in ("if", "set") if key not in entries]
            if missing:
                message = f"{where}: each entry is {{if: {{...}}, set: {{...}}}}; `{missing[0]}` is missing"
                self._shape.problem(item.place, message)
                continue
            condition = read_condition(entries["if"], f"{where}.if", self._shape)
            settings = read_layer(entries["set"], f"{where}.set", self._shape)
            yield When(condition, settings, item.place)
