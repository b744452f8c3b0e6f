"""Turns options into the settings of a file: each with its key, its value, and how the command spells it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sweeps.authoring.option import Formula
from sweeps.authoring.roles import output_place
from sweeps.program.config_file import CONFIG_FILE
from sweeps.spec.settings import KeySet, is_key
from sweeps.spec.sweep_parser import SEED
from sweeps.spec.trainer.arguments import STYLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sweeps.authoring.option import Interface, Option
    from sweeps.authoring.roles import Roles
    from sweeps.spec.trainer.arguments import Flag, Spelling
    from sweeps.spec.yaml_reader import Value

_LONGEST = 500
_REFERENCE = re.compile(r"\{[^{}]*\}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_VARIABLE = re.compile(r"\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\})")


@dataclass(frozen=True, slots=True)
class Setting:
    """A line of the file's `defaults`.

    Attributes:
        key: The key.
        option: What it sets.
        value: Its value, where it has one.
        has_value: Whether it has one; without, the line is a comment.
        question: Why it has none, or what a reader has to say.
        is_missing: Whether the script does not start without it, and nothing says what it is.
        spelling: What `args: keys:` has to say of it: `name`, `booleans`, `list`.
    """

    key: str
    option: Option
    value: Value = None
    has_value: bool = True
    question: str = ""
    is_missing: bool = False
    spelling: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a file.

    Attributes:
        settings: In the order of the source.
        choices: What `args:` says of all keys, beside the style.
    """

    settings: tuple[Setting, ...]
    choices: Mapping[str, Any]

    def of(self, option: Option | None) -> Setting | None:
        """The setting of an option; None: there is none."""
        key = option.key if option is not None else None
        return next((entry for entry in self.settings if entry.option.key == key), None)


def settings_of(interface: Interface, roles: Roles) -> Settings:
    """The settings of a script's options."""
    usual = STYLES.get(interface.style)
    choices = _choices(interface, usual) if usual is not None else {}
    choices |= {"prefix": ""} if interface.runner else {}
    if usual is not None and interface.join not in {"", usual.join}:
        choices["join"] = interface.join
    found: list[Setting] = []
    taken = KeySet()
    for option in interface.options:
        setting = _setting(option, roles, dashed=bool(choices.get("dashes")))
        if option in roles.outputs and interface.refuses_outputs:
            setting = replace(setting, value=output_place(option, is_new=True))
        if option is roles.seed and option.is_in_file and setting.key != SEED:
            setting = replace(setting, value=f"{{{SEED}}}", has_value=True)
        if setting.has_value and not option.is_group:  # beside whose word its keys stand
            if taken.twin(setting.key) is not None:
                setting = replace(setting, has_value=False, question="another option holds this key")
            else:
                taken.add(setting.key)
        if usual is not None and option.is_named:
            setting = replace(setting, spelling=_special(setting, usual, choices))
        found.append(setting)
    return Settings(tuple(found), choices)


def _setting(option: Option, roles: Roles, *, dashed: bool) -> Setting:
    key = option.key.replace("-", "_") if dashed else option.key
    if option is roles.seed and not option.is_in_file:
        key = SEED
    if not is_key(key) or key == "args":
        told = "such a name is no key of a file"
        return Setting(key, option, has_value=False, question=told, is_missing=option.is_required)
    if option in roles.outputs:
        return Setting(key, option, output_place(option))
    if option.is_required and option.default is None:
        if option.choices:
            return Setting(key, option, option.choices[0])
        return Setting(key, option, has_value=False, question="required: what is it?", is_missing=True)
    value = option.default
    if option.question or value is None or isinstance(value, Formula):
        return Setting(key, option, has_value=False, question=option.question)
    if option.choices and not (option.is_list or option.is_group) and value not in option.choices:
        return Setting(key, option, has_value=False, question=f"its default {value!r} is none of its choices")
    if (wrong := _unfit(value)) is not None:
        return Setting(key, option, has_value=False, question=wrong)
    if isinstance(value, str) and _REFERENCE.fullmatch(value) and value != f"{{{CONFIG_FILE}}}":
        value = f"{{{value}}}"
    return Setting(key, option, value, has_value=not option.is_quiet or option is roles.epochs)


def _unfit(value: Value) -> str | None:
    """Why a default cannot stand in a file, if it cannot."""
    texts = [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
    if any(_VARIABLE.search(text) for text in texts):
        return "no shell fills in its $"
    if any("\0" in text or len(text) > _LONGEST for text in texts) or (
        isinstance(value, list) and len(value) > _LONGEST
    ):
        return "its default is long"
    if any(_SURROGATE.search(text) for text in texts):
        return "its default is no text that a file can hold"
    if isinstance(value, list) and any(text.startswith("-") for text in texts):
        return "a text of its default begins with a dash"
    return None


def _choices(interface: Interface, usual: Spelling) -> dict[str, Any]:
    """What differs from the style for all options: dashes in names, and how flags are turned off."""
    found: dict[str, Any] = {}
    options = [option for option in interface.options if option.is_named]
    if usual.prefix and options and all(option.flag == option.key for option in options):
        found["prefix"] = ""
    if interface.prefix:
        found["prefix"] = interface.prefix
    inner = [option.key for option in options if re.search(r"\w[-_]\w", option.key)]
    if not usual.dashes and usual.prefix == "--" and inner and all("_" not in key for key in inner):
        found["dashes"] = True
    booleans = Counter(option.booleans or usual.booleans for option in options if option.is_flag)
    said, most = booleans.most_common(1)[0] if booleans else (usual.booleans, 0)
    if not interface.overrides and said != usual.booleans and 2 * most > booleans.total():
        found["booleans"] = _written(said)
    return found


def _written(booleans: Flag | tuple[str, str]) -> Value:
    return list(booleans) if isinstance(booleans, tuple) else booleans


def _special(setting: Setting, usual: Spelling, choices: Mapping[str, Any]) -> dict[str, Any]:
    """What the command has to be told of one key."""
    option = setting.option
    found: dict[str, Any] = {}
    dashes = usual.dashes or bool(choices.get("dashes"))
    prefix = choices.get("prefix", usual.prefix)
    if option.flag != f"{prefix}{setting.key.replace('_', '-') if dashes else setting.key}" and not (
        usual.dashes and setting.key != SEED
    ):
        found["name"] = option.flag
    said = _written(option.booleans or usual.booleans)
    if option.is_flag and said != choices.get("booleans", _written(usual.booleans)):
        found["booleans"] = said
    if option.lists is not None and option.lists != usual.lists:
        found["list"] = option.lists
    if usual.dashes and found.get("name", "").startswith("--"):
        found["name"] = found["name"].replace("_", "-")
    return found
