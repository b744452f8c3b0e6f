"""Settings of a script that takes them as KEY=VALUE: how they are to be spelled, and which its config file does not have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.authoring.checks.value_types import other_type
from sweeps.authoring.option import Formula
from sweeps.errors import did_you_mean
from sweeps.spec.sweep_parser import SEED, seed_keys
from sweeps.spec.trainer.arguments import ARGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sweeps.authoring.option import Default, Interface
    from sweeps.spec.yaml_reader import Value


@dataclass(frozen=True, slots=True)
class Overrides:
    """How a script takes settings as KEY=VALUE.

    Attributes:
        flag: The option that takes them; `{args}`: they are words by themselves.
        style: The style of `args:` that spells their values.
        prefix: What stands before each key.
        file: The config file that the script reads; empty: none is known.
        keys: The keys that it has, with their values.
    """

    flag: str
    style: str
    prefix: str
    file: str
    keys: Mapping[str, Default]

    @classmethod
    def of(cls, interface: Interface) -> Overrides | None:
        """Those of a script; None: it takes none."""
        if not interface.overrides:
            return None
        own = [option for option in interface.options if option.is_override]
        inside = [option for option in own if option.source or option.replaced is not None]
        keys = {option.key: option.default if option.source else option.replaced for option in inside}
        file = next((option.source for option in own if option.source), "")
        return cls(interface.overrides, interface.style, interface.prefix, file, keys)

    def key_of(self, words: Sequence[str]) -> str | None:
        """The key that the words of a setting set; None: they are no such setting."""
        first = words[0] if words else ""
        key, equals, _ = first.removeprefix(self.prefix).partition("=")
        is_one = first.startswith(self.prefix) and bool(equals) and not key.startswith("-")
        return key if is_one else None

    def trouble(self, key: str, setting: str, value: Value) -> str | None:
        """Why a setting that reaches the script as a key of its own does not count there as it is meant; None where it does, or may."""
        if key in self.keys:
            usual = self.keys[key]
            is_known = not isinstance(usual, Formula) and not (isinstance(value, str) and "{" in value)
            like = other_type(usual, value, exactly=False) if is_known else ""  # type: ignore[arg-type]
            return f"{self.file} has {key} as {like}, which {value!r} is not" if like else None
        if not self.file or any(name.startswith(f"{key}.") for name in self.keys):
            return None
        if setting == SEED:
            return self._seed_trouble(key)
        hint = did_you_mean(key, self.keys)
        return f"{self.file} has no key {key}{hint}" if hint else None

    def remedy(self, setting: str) -> str:
        """What to write so that a setting reaches the script by this option; empty where that is no key of its config file."""
        seeds = seed_keys(self.keys) if setting == SEED and setting not in self.keys else []
        if setting not in self.keys and not seeds and not did_you_mean(setting, self.keys):
            return ""
        place = (
            "" if self.prefix or self.flag == ARGS else f", with {self.flag} before '{ARGS}' in the command"
        )
        named = f", keys: {{{SEED}: {self._name(seeds[0])}}}" if seeds else ""
        prefix = f", prefix: '{self.prefix}'" if self.prefix else ""
        shown = f"{self.flag} takes KEY=VALUE" if self.flag != ARGS else "it takes words KEY=VALUE"
        return f"; {shown}: write `args: {{style: {self.style}{prefix}{named}}}`{place}"

    def _seed_trouble(self, key: str) -> str:
        seeds = seed_keys(self.keys)
        if seeds:
            return f"{self.file} has no key {key}, but {seeds[0]}: write `{SEED}: {self._name(seeds[0])}` below `args: {{keys: ...}}`"
        return f"{self.file} has no key {key}; `args: {{keys: {{{SEED}: none}}}}` keeps it from the program, whose trials it then only repeats"

    def _name(self, key: str) -> str:
        return f"'{self.prefix}{key}'" if self.prefix else key
