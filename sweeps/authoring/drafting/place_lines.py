"""The lines of `trainer:` that say where the program runs, and what it finds there."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from sweeps.authoring.drafting.yaml_text import aligned, scalar
from sweeps.authoring.outputs.paths import UNKNOWN, first_part, is_relative
from sweeps.authoring.roles import is_output, option_name
from sweeps.spec.yaml_writer import comment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.drafting.facts import Facts
    from sweeps.authoring.roles import Roles

_BELOW = "{run_dir}/**/"
_DATA = ("data", "dataset", "root", "input", "train_file", "corpus", "csv", "file", "path")


def place_lines(facts: Facts, roles: Roles) -> Iterator[str]:
    """Where it runs: where what it writes beside itself stays apart from other trials'."""
    here = [path.replace(UNKNOWN, "*") for path in facts.written.here]
    here += [
        str(option.default)
        for option in facts.interface.options
        if option.question and is_output(option) and is_relative(str(option.default or ""))
    ]
    own = {
        first_part(str(default))
        for option in roles.outputs
        for default in (option.default, option.replaced)
        if default
    }
    here = [path for path in [*here, *facts.wrote] if first_part(path) not in own]
    if not here:
        if lost := _files_of_unknown_folders(facts, roles):
            asked = f"where does it write {comment(lost)}? if below where it runs, take away `# ? `: each trial has a folder of its own then"
            yield f'  # ? cwd: "{{run_dir}}"  # {asked}'
        return
    firsts = {first_part(path) for path in here}
    shown = ", ".join(
        sorted(
            f"{first}/" if any(path.removeprefix("./").startswith(f"{first}/") for path in here) else first
            for first in firsts
        )[:4]
    )
    read = _read(facts, roles)
    linked = sorted(
        {first for path in read if (first := first_part(path)) in facts.present and first not in firsts}
    )
    outside = [path for path in read if path.startswith("..")]
    if outside:
        parts = [posixpath.normpath(path).split("/") for path in outside]
        tops = sorted({"/".join(path[: path.count("..") + 1]) for path in parts})
        deep = "/".join(["{run_dir}", *["work"] * max(path.count("..") for path in parts)])
        yield f'  # ? cwd: "{deep}"  # it writes {comment(shown)} where it runs; so each trial has its own'
        yield f"  # ? link: {scalar([*tops, *linked])}  # it reads these from there: is that the right place?"
        return
    yield from aligned(
        [('  cwd: "{run_dir}"', f"it writes {shown} where it runs; so each trial has its own")]
    )
    if linked:
        yield f"  link: {scalar(linked)}  # it reads these where it runs"
    absent = sorted(
        {
            first
            for path in read
            if (first := first_part(path)) not in facts.present and first not in {"", "."}
        }
        - firsts
    )
    if absent:
        yield f"  # ? link: {scalar(absent)}  # is it downloaded or made there? make it here first, and trials share it"


def _files_of_unknown_folders(facts: Facts, roles: Roles) -> str:
    """The files that its metrics are read from, where nothing says that each trial writes its own; empty where something does."""
    if roles.outputs or any(is_output(option) for option in facts.held):
        return ""
    found = [
        source.text.removeprefix(_BELOW)
        for source in facts.written.sources
        if source.text.startswith(_BELOW) and not source.question
    ]
    return ", ".join(name for name in found if "*" not in name)


def _read(facts: Facts, roles: Roles) -> list[str]:
    """The relative paths that it reads: in its source, in words of its command, as defaults of options, and in its config files."""
    paths = [path.split(UNKNOWN)[0] for path in facts.written.read]
    typed = [word.partition("=")[2] or word for word in (*facts.before, *facts.after)]
    typed += [word.partition("=")[2] for word in facts.interface.before]
    paths += [word for word in typed if first_part(word) in facts.present]
    others = [option for option in facts.interface.options if option not in roles.outputs]
    others += [option for option in facts.held if not is_output(option)]
    for option in others:
        texts = option.default if isinstance(option.default, list) else [option.default]
        for text in texts:
            if not isinstance(text, str) or text.startswith(("/", "~", "{")) or "://" in text:
                continue
            first = first_part(text)
            is_data = any(word in option_name(option).lower() for word in _DATA) and "/" in text
            if first in facts.present or is_data:
                paths.append(text)
    return [path for path in dict.fromkeys(paths) if path and path.strip("./")]
