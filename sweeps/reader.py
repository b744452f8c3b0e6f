"""Located YAML to a `Spec`, collecting every problem of the file's shape on the way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sweeps.errors import Place, Problem, SpecError, did_you_mean
from sweeps.limits import read_limits, read_resources
from sweeps.source import Located, Value, parse, read_text
from sweeps.spec import Axis, Layer, Profile, Setting, Spec, SweepSpec, TrainerSpec, When, overlay, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_TOP_KEYS = ("experiment", "trainer", "profile", "defaults", "profiles", "sweeps")
_SWEEP_KEYS = (
    *("grid", "zip", "include", "exclude", "when", "set", "seeds"),
    *("search", "resources", "limits"),
)
_TRAINER_KEYS = ("run", "command", "config", "epochs")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


def read_spec(path: Path) -> Spec:
    """Read and check the shape of a spec.

    Raises:
        SpecError: With every problem of the file's shape at once.
    """
    text = read_text(path)
    reader = _Reader()
    spec = reader.spec(parse(text, str(path)), str(path), text)
    if reader.problems or spec is None:
        raise SpecError(reader.problems)
    return spec


class _Reader:
    """Turns located YAML into a `Spec`, collecting every problem on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def spec(self, root: Located, file: str, text: str) -> Spec | None:
        entries = self._mapping(root, "the file", _TOP_KEYS)
        if entries is None:
            return None
        for key in ("trainer", "sweeps"):
            if key not in entries:
                self._problem(
                    root.place, f"`{key}:` is missing; see the example at the top of docs/experiments.md"
                )
        experiment = self._word(entries.get("experiment"), "experiment") or "sweeps"
        profiles = self._profiles(entries.get("profiles"))
        chosen = self._word(entries["profile"], "profile") if "profile" in entries else None
        if chosen is not None and chosen not in profiles:
            known = ", ".join(profiles) or "none is defined under `profiles:`"
            hint = did_you_mean(chosen, profiles)
            self._problem(entries["profile"].place, f"profile: '{chosen}' is not one of {known}{hint}")
        defaults = self._layer(entries.get("defaults"), "defaults")
        trainer = self._trainer(entries["trainer"]) if "trainer" in entries else None
        sweeps = self._sweeps(entries["sweeps"]) if "sweeps" in entries else ()
        for name, profile in profiles.items():
            for sweep, layer in profile.sweeps.items():
                if sweep not in {s.name for s in sweeps}:
                    place = next((s.place for s in layer.values()), root.place)
                    hint = did_you_mean(sweep, [s.name for s in sweeps])
                    self._problem(place, f"profiles.{name}.sweeps: there is no sweep '{sweep}'{hint}")
        if trainer is None or self.problems:
            return None
        return Spec(file, text, experiment, trainer, chosen, defaults, profiles, tuple(sweeps))

    def _trainer(self, node: Located) -> TrainerSpec | None:
        if isinstance(node.content, str):
            entries: dict[str, Located] | None = {"run": node}
        else:
            entries = self._mapping(node, "trainer", _TRAINER_KEYS)
        if entries is None:
            return None
        if ("run" in entries) == ("command" in entries):
            self._problem(
                node.place, "trainer: takes either `run: module:function` or `command: [program, ...]`"
            )
            return None
        run = self._target(entries.get("run"), "trainer.run")
        config = self._target(entries.get("config"), "trainer.config")
        epochs = self._word(entries["epochs"], "trainer.epochs") if "epochs" in entries else "num_epoch"
        command: tuple[str, ...] | None = None
        places: tuple[Place, ...] = ()
        if "command" in entries:
            arguments = entries["command"].items
            if not arguments or any(
                isinstance(a.content, dict | tuple) or a.content is None for a in arguments
            ):
                message = "trainer.command: must be a list of words, such as [python, train.py, --lr, '{lr}']"
                self._problem(entries["command"].place, message)
                return None
            command = tuple(_argument(a.plain()) for a in arguments)
            places = tuple(a.place for a in arguments)
        return TrainerSpec(run, command, config, epochs or "num_epoch", node.place, places)

    def _profiles(self, node: Located | None) -> dict[str, Profile]:
        profiles = {}
        for name, body in (self._mapping(node, "profiles") or {}).items() if node else ():
            where = f"profiles.{name}"
            entries = self._mapping(body, where)
            if entries is None:
                continue
            own = {key: value for key, value in entries.items() if key != "sweeps"}
            layer = self._flatten(own, where)
            per_sweep = (
                self._mapping(entries["sweeps"], f"{where}.sweeps") or {} if "sweeps" in entries else {}
            )
            sweeps = {
                sweep: self._layer(settings, f"{where}.sweeps.{sweep}")
                for sweep, settings in per_sweep.items()
            }
            profiles[name] = Profile(layer, sweeps)
        return profiles

    def _sweeps(self, node: Located) -> Sequence[SweepSpec]:
        entries = self._mapping(node, "sweeps")
        if entries is not None and not entries:
            self._problem(
                node.place, "sweeps: holds no sweep; add one, such as `my-sweep: {grid: {lr: [1e-3, 1e-4]}}`"
            )
        found = []
        for name, body in (entries or {}).items():
            if not _NAME.fullmatch(name):
                message = f"sweeps: the name {name!r} must be letters, digits, and . _ + - after the first"
                self._problem(node.key_place(name), message)
            elif (sweep := self._sweep(name, body, node.key_place(name))) is not None:
                found.append(sweep)
        return found

    def _sweep(self, name: str, body: Located, place: Place) -> SweepSpec | None:
        where = f"sweeps.{name}"
        entries = self._mapping(body, where, _SWEEP_KEYS)
        if entries is None:
            return None
        if "search" in entries:
            self._problem(body.key_place("search"), f"{where}.search: is not supported yet; use `grid`")
        if not {"grid", "zip", "include", "seeds", "set", "search"} & entries.keys():
            self._problem(body.place, f"{where}: has nothing to expand; give it a `grid`, `zip` or `include`")
        grid = self._axes(entries.get("grid"), f"{where}.grid")
        zipped = self._axes(entries.get("zip"), f"{where}.zip")
        lengths = {axis.key: len(axis.values) for axis in zipped}
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{key} has {length}" for key, length in lengths.items())
            self._problem(entries["zip"].place, f"{where}.zip: lists must have the same length, but {told}")
        for axis in zipped:
            if any(axis.key == other.key for other in grid):
                self._problem(
                    axis.place, f"{where}.zip.{axis.key}: is a grid key too; keep it in one of them"
                )
        return SweepSpec(
            name=name,
            place=place,
            grid=grid,
            zipped=zipped,
            include=tuple(
                (self._layer(item, f"{where}.include"), item.place)
                for item in self._list(entries.get("include"), f"{where}.include")
            ),
            exclude=tuple(
                (self._condition(item, f"{where}.exclude"), item.place)
                for item in self._list(entries.get("exclude"), f"{where}.exclude")
            ),
            when=tuple(self._whens(entries.get("when"), f"{where}.when")),
            settings=self._layer(entries.get("set"), f"{where}.set"),
            seeds=self._seeds(entries.get("seeds"), f"{where}.seeds"),
            resources=read_resources(entries.get("resources"), f"{where}.resources", self.problems),
            limits=read_limits(entries.get("limits"), f"{where}.limits", self.problems),
        )

    def _axes(self, node: Located | None, where: str) -> tuple[Axis, ...]:
        if node is None:
            return ()
        entries = self._mapping(node, where)
        if entries is not None and not entries:
            self._problem(node.place, f"{where}: is empty; name at least one key with its values")
        axes = []
        for key, values in (entries or {}).items():
            if values.items is None:
                found = values.describe()
                message = f"{where}.{key}: must be a list of values, not {found}; write [{found}], or move it to `set`"
                if values.mapping is not None:
                    message = f"{where}.{key}: must be a list of values, not a mapping; write a dotted key, such as {key}.name"
                self._problem(values.place, message)
            elif not values.items:
                self._problem(values.place, f"{where}.{key}: is empty; a key without values leaves no trial")
            else:
                settings = tuple(Setting(item.plain(), where, item.place) for item in values.items)
                self._distinct(settings, f"{where}.{key}")
                axes.append(Axis(key, settings, node.key_place(key)))
        return tuple(axes)

    def _distinct(self, settings: Iterable[Setting], where: str) -> None:
        seen: list[Value] = []
        for setting in settings:
            if any(same(setting.value, value) for value in seen):
                self._problem(setting.place, f"{where}: {setting.value!r} stands twice; delete one")
            seen.append(setting.value)

    def _seeds(self, node: Located | None, where: str) -> Axis | None:
        if node is None:
            return None
        count = node.content
        if isinstance(count, int) and not isinstance(count, bool) and count > 0:
            values: list[Setting] = [Setting(seed, where, node.place) for seed in range(count)]
        elif node.items and all(
            isinstance(i.content, int) and not isinstance(i.content, bool) for i in node.items
        ):
            values = [Setting(item.plain(), where, item.place) for item in node.items]
            self._distinct(values, where)
        else:
            message = f"{where}: must be a list of whole numbers, such as [1, 2, 3], or how many, not {node.describe()}"
            self._problem(node.place, message)
            return None
        return Axis("seed", tuple(values), node.place)

    def _whens(self, node: Located | None, where: str) -> Iterable[When]:
        for item in self._list(node, where):
            entries = self._mapping(item, where, ("if", "set"))
            if entries is None:
                continue
            missing = [key for key in ("if", "set") if key not in entries]
            if missing:
                self._problem(
                    item.place,
                    f"{where}: each entry is {{if: {{...}}, set: {{...}}}}; `{missing[0]}` is missing",
                )
                continue
            yield When(
                self._condition(entries["if"], f"{where}.if"),
                self._layer(entries["set"], f"{where}.set"),
                item.place,
            )

    def _condition(self, node: Located, where: str) -> dict[str, tuple[Value, ...]]:
        layer = self._layer(node, where)
        if not layer and node.mapping is not None:
            self._problem(node.place, f"{where}: is empty, so it would hold always; name a key and a value")
        return {
            key: tuple(setting.value) if isinstance(setting.value, list) else (setting.value,)
            for key, setting in layer.items()
        }

    def _layer(self, node: Located | None, where: str) -> Layer:
        return self._flatten(self._mapping(node, where) or {}, where) if node is not None else {}

    def _flatten(self, entries: dict[str, Located], layer: str, prefix: str = "") -> Layer:
        flat: Layer = {}
        for key, node in entries.items():
            name = f"{prefix}{key}"
            if node.mapping:
                overlay(flat, self._flatten(node.mapping, layer, f"{name}."))
            else:
                overlay(flat, {name: Setting(node.plain(), layer, node.place)})
        return flat

    def _target(self, node: Located | None, where: str) -> str | None:
        if node is None:
            return None
        pattern = r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*"
        if not isinstance(node.content, str) or not re.fullmatch(pattern, node.content):
            message = f"{where}: must be module:name, such as cvae.train:train, not {node.describe()}"
            self._problem(node.place, message)
            return None
        return node.content

    def _word(self, node: Located | None, where: str) -> str | None:
        if node is None:
            return None
        if not isinstance(node.content, str) or not node.content.strip():
            self._problem(node.place, f"{where}: must be a word, not {node.describe()}")
            return None
        return node.content

    def _list(self, node: Located | None, where: str) -> tuple[Located, ...]:
        if node is None:
            return ()
        if node.items is None:
            self._problem(
                node.place, f"{where}: must be a list, not {node.describe()}; begin each entry with -"
            )
            return ()
        return node.items

    def _mapping(
        self, node: Located | None, where: str, known: Sequence[str] = ()
    ) -> dict[str, Located] | None:
        if node is None:
            return None
        if node.mapping is None:
            self._problem(node.place, f"{where}: must be a mapping of keys to values, not {node.describe()}")
            return None
        for key in node.mapping:
            if known and key not in known:
                hint = did_you_mean(key, known) or f"; known are {', '.join(known)}"
                self._problem(node.key_place(key), f"{where}: unknown key '{key}'{hint}")
        return node.mapping

    def _problem(self, place: Place, message: str) -> None:
        self.problems.append(Problem(place, message))


def _argument(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
