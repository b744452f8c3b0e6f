"""Settings of Hydra: the config folder that `@hydra.main` names, or a structured config."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeps.authoring.literals import value_of
from sweeps.authoring.option import Interface, Option, asked, without_repeats
from sweeps.authoring.parsers.dataclass_options import fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.script import Script

_MOST_BYTES = 1 << 18
_DEEPEST = 8
_MISSING = "???"
_FOLDER = "hydra.run.dir={run_dir}"


def read(script: Script) -> Interface | None:
    """What a script takes through Hydra; None: it has no `@hydra.main`."""
    for node in script.nodes:
        for decorator in (
            node.decorator_list if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ()
        ):
            if isinstance(decorator, ast.Call) and script.is_named(decorator.func, "hydra.main"):
                return _interface(decorator, script)
    return None


def _interface(call: ast.Call, script: Script) -> Interface:
    said = dict(zip(("config_path", "config_name", "version_base"), call.args, strict=False))
    said.update({keyword.arg: keyword.value for keyword in call.keywords if keyword.arg})
    path, name = (value_of(said.get(key), script.constants) for key in ("config_path", "config_name"))
    after = (_FOLDER,)
    if not isinstance(name, str):
        return Interface(
            "Hydra",
            "hydra",
            after=after,
            comments=("its config has no name in the source: which keys does it have?",),
        )
    stored = _stored(name, script)
    if stored is not None:
        own = [replace(option, flag=option.key) for option in fields_of(stored, script)]
        return Interface("Hydra", "hydra", without_repeats(own), after=after)
    home = script.folder / path if isinstance(path, str) else script.folder
    comments: list[str] = []
    options = list(
        _of_file(
            home,
            Path(name).with_suffix("").as_posix() if name.endswith((".yaml", ".yml")) else name,
            "",
            comments,
        )
    )
    options = [
        replace(option, is_quiet=not option.is_required)
        for option in options
        if not option.key.startswith("hydra.") and not option.key.rpartition(".")[2].startswith("_")
    ]
    if not options:
        comments.append(f"there is no config {home / name}.yaml with keys: which keys does it have?")
    return Interface("Hydra", "hydra", without_repeats(options), after=after, comments=tuple(comments))


def _stored(name: str, script: Script) -> ast.ClassDef | None:
    """The dataclass that `ConfigStore` holds under a name."""
    for call in script.calls("store"):
        said = dict(zip(("name", "node"), call.args, strict=False))
        said.update({keyword.arg: keyword.value for keyword in call.keywords if keyword.arg})
        node = said.get("node")
        node = node.func if isinstance(node, ast.Call) else node
        if (
            value_of(said.get("name"), script.constants) == name
            and "group" not in said
            and isinstance(node, ast.Name)
        ):
            return script.classes.get(node.id)
    return None


def _of_file(home: Path, name: str, package: str, comments: list[str], depth: int = 0) -> Iterator[Option]:
    """The keys of a config and of those in its list of defaults."""
    path = home / f"{name}.yaml"
    if depth > _DEEPEST or not path.resolve().is_relative_to(home.resolve()):
        return
    text, content = _load(path, comments)
    if not isinstance(content, dict):
        return
    if "@package _global_" in text.partition("\n")[0]:
        package = ""
    own = {key: value for key, value in content.items() if key not in ("defaults", "hydra")}
    entries = content.get("defaults")
    entries = entries if isinstance(entries, list) else []
    folder = Path(name).parent
    for entry in entries:
        if entry == "_self_":
            yield from _keys(own, package)
        else:
            yield from _of_entry(entry, home, folder, package, comments, depth)
    if "_self_" not in entries:
        yield from _keys(own, package)


def _of_entry(
    entry: Any, home: Path, folder: Path, package: str, comments: list[str], depth: int
) -> Iterator[Option]:
    """What one entry of a list of defaults brings in: a group with its chosen file, or a file of the same folder."""
    if isinstance(entry, str):
        yield from _of_file(home, (folder / entry.removeprefix("/")).as_posix(), package, comments, depth + 1)
    for words, choice in entry.items() if isinstance(entry, dict) else ():
        group = str(words).replace("override ", "").replace("optional ", "").strip()
        if group.startswith(("hydra/", "/hydra/")):
            continue
        group, at, own_package = group.removeprefix("/").partition("@")
        inner = (folder / group).as_posix()
        below = (
            own_package.replace("_global_", "")
            if at
            else ".".join(part for part in (package, group.replace("/", ".")) if part)
        )
        choices = (
            sorted(path.stem for path in (home / inner).glob("*.yaml")) if (home / inner).is_dir() else []
        )
        if len(choices) > 1:
            shown = ", ".join(choices[:_DEEPEST]) + (", ..." if len(choices) > _DEEPEST else "")
            comments.append(
                f"{group}={choice}: the group has {shown}; put another into the command as a word {group}=NAME"
            )
        if isinstance(choice, str) and choice != _MISSING:
            yield from _of_file(home, f"{inner}/{choice.removesuffix('.yaml')}", below, comments, depth + 1)


def _load(path: Path, comments: list[str]) -> tuple[str, Any]:
    import yaml

    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return "", None
        text = path.read_text(encoding="utf-8")
        return text, yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        comments.append(f"{path.name} cannot be read: {' '.join(str(error).split())[:100]}")
        return "", None


def _keys(content: dict[Any, Any], package: str, depth: int = 0) -> Iterator[Option]:
    for name, value in content.items():
        key = f"{package}.{name}".lstrip(".")
        if isinstance(value, dict) and value and depth < _DEEPEST:
            yield from _keys(value, key, depth + 1)
            continue
        kind = type(value).__name__ if isinstance(value, bool | int | float | str) else ""
        option = Option(key, kind, flag=key, is_list=isinstance(value, list))
        if value == _MISSING:
            yield replace(option, is_required=True)
        elif isinstance(value, str) and "${" in value:
            yield asked(option, f"it is {value}")
        elif isinstance(value, bool | int | float | str | None) or (
            isinstance(value, list) and all(isinstance(item, bool | int | float | str) for item in value)
        ):
            yield replace(option, default=_number(value))
        else:
            yield asked(option, "its value is a mapping or a list of lists")


def _number(value: Any) -> Any:
    """YAML 1.1 reads 1e-3 as a text; OmegaConf, and this, as a number."""
    if isinstance(value, str):
        try:
            return (
                float(value)
                if any(letter in value for letter in ".eE") and value.strip()[:1] in "+-.0123456789"
                else value
            )
        except ValueError:
            return value
    return value
