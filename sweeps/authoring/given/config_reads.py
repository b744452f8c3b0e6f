"""Which words of its command line a script reads a config file from: followed from what loads the file back to the words."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeAlias

from sweeps.authoring.literals import value_of
from sweeps.authoring.option import plain_name
from sweeps.authoring.origins import Origins
from sweeps.authoring.roles import option_name
from sweeps.program.config_file import ENDINGS, INI

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sweeps.authoring.option import Interface, Option
    from sweeps.authoring.origins import Origin
    from sweeps.authoring.script import Script

_LOADERS = (
    *(f"yaml.{name}" for name in ("safe_load", "load", "full_load", "unsafe_load")),
    *(f"{package}.{name}" for package in ("json", "toml", "tomllib", "tomli") for name in ("load", "loads")),
    *("OmegaConf.load", "merge_from_file", "Config.fromfile", "Box.from_yaml", "Box.from_json"),
)
"""What reads a config from a file, or from a text."""
_YAML_CLASS = ("YAML", "YAML()")
_INI_CLASSES = tuple(f"{name}()" for name in ("ConfigParser", "RawConfigParser", "SafeConfigParser"))
_INI_METHODS = ("read", "read_file", "readfp")
_ENDINGS = {"json": (".json",), "toml": (".toml",), "fromfile": (".yaml", ".yml", ".json")}
"""What files end with, by a word of what loads them; others are of YAML."""


Reads: TypeAlias = "Sequence[tuple[Option, frozenset[str]]]"
"""The options whose value a script opens as a config file, each with the endings of what it can read."""


def config_options(script: Script, interface: Interface) -> Reads:
    """The options of a script whose value it opens as a config file."""
    origins: dict[Origin, set[str]] = {}
    for origin, ends in _loaded(script):
        origins.setdefault(origin, set()).update(ends)
    options = interface.options
    found = []
    for at, option in enumerate(options):
        by_place = (at + 1, at - len(options)) if interface.kind == "sys.argv" else ()
        names = (option_name(option), plain_name(option.flag)) if interface.kind != "sys.argv" else ()
        endings = set[str]().union(*(origins.get(origin, ()) for origin in (*by_place, *names)))
        if endings:
            found.append((option, frozenset(endings)))
    return found


def constant_configs(script: Script) -> list[str]:
    """The config files that the source names itself where it loads them, as `yaml.safe_load(open("base.yaml"))`."""
    origins = Origins(script)
    found: dict[str, None] = {}
    for node in script.each(ast.Call):
        if not (node.args and _loads(node, script, origins)):
            continue
        opened = node.args[0]
        made = origins.bound_to(opened) if isinstance(opened, ast.Name | ast.Attribute) else [opened]
        for part in (part for one in made for part in ast.walk(one)):
            text = value_of(part, script.constants) if isinstance(part, ast.Constant | ast.Name) else None
            if isinstance(text, str) and text.endswith(ENDINGS):
                found[text] = None
    return list(found)


def _loaded(script: Script) -> Iterator[tuple[Origin, tuple[str, ...]]]:
    """Where the paths of all config files come from, each with the endings that such a file may have."""
    origins = script.once(Origins)
    for node in script.each(ast.Call):
        if _loads(node, script, origins):
            name = script.dotted(node.func)
            ends = next((ends for word, ends in _ENDINGS.items() if word in name), (".yaml", ".yml"))
            ends = INI if _loads_ini(node, script, origins) else ends
            for argument in [*node.args[:1], *(part.value for part in node.keywords[:1])][:1]:
                yield from ((origin, ends) for origin in origins.of(argument))


def _loads(call: ast.Call, script: Script, origins: Origins) -> bool:
    if script.is_named(call.func, *_LOADERS):
        return True
    is_yaml = _owner(call, ("load",), script, origins) in _YAML_CLASS
    return is_yaml or _loads_ini(call, script, origins)


def _loads_ini(call: ast.Call, script: Script, origins: Origins) -> bool:
    return _owner(call, _INI_METHODS, script, origins) in _INI_CLASSES


def _owner(call: ast.Call, methods: Collection[str], script: Script, origins: Origins) -> str:
    """What made the object of which one of these methods is called, such as `YAML()`; empty: it is another call."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) and call.func.attr in methods else None
    if isinstance(owner, ast.Name):
        owner = origins.first_bound(owner) or owner
    return "" if owner is None else script.last_word(owner)
