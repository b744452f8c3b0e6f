"""What is linked to where a program reads it by a relative path, and which links cannot be made there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.errors import Problem
from sweeps.program.named_paths import is_there
from sweeps.program.resuming import RUN_DIR
from sweeps.program.template import OWN, TrialValues, fill, keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sweeps.spec.trainer.surroundings import Link, Surroundings, Template

_NO_TRIAL = TrialValues({}, dict.fromkeys(OWN, "any") | {RUN_DIR: "/any/run"})
"""What placeholders stand for where no trial is known yet."""


def target_of(link: Link, filled: Callable[[str], str]) -> Path:
    """What a link leads to, absolute; `filled` fills in the placeholders of a text."""
    return Path(os.path.normpath(Path.cwd() / _expanded(filled(link.target.text))))


def name_of(link: Link, filled: Callable[[str], str]) -> str:
    """The path by which the program reads it, from its folder; `filled` fills in the placeholders of a text."""
    if link.name is not None:
        return os.path.normpath(filled(link.name.text))
    text = _expanded(filled(link.target.text))
    return os.path.basename(os.path.normpath(text)) if os.path.isabs(text) else os.path.normpath(text)  # noqa: PTH117, PTH119 - texts


def misplaced(name: str, target: str, folder: str, run_dir: str) -> str | None:
    """Why a link of this name cannot be made, with what to write; None where it can.

    Nothing is linked outside the folder and the run's directory.

    Args:
        name: The path by which the program reads it, from its folder.
        target: What it leads to, as messages show it.
        folder: Where the program runs.
        run_dir: The run's own directory.
    """
    if os.path.isabs(name):  # noqa: PTH117 - a text, not a file
        return f"a program finds {name} without a link; write the relative path by which it reads {target}"
    place = Path(os.path.normpath(Path(folder, name)))
    if Path(folder).is_relative_to(place):
        return f"{name} holds the folder where the program runs; name what it reads there"
    if any(place.is_relative_to(top) for top in (folder, run_dir) if top):
        return None
    deep = "/".join([f"{{{RUN_DIR}}}", *["work"] * Path(name).parts.count("..")])
    return (
        f'{name} would lie outside the run\'s directory; if the program reads {name}, write `cwd: "{deep}"`, '
        f"and if it reads {place.name}, `link: {{{place.name}: {target}}}`"
    )


def problems(said: Surroundings) -> Iterator[Problem]:
    """Links that cannot be made, or lead to nothing, as far as that is known before there is a trial; each with its place."""
    for link in said.link:
        if _is_known(link.target, ()) and not is_there(target_of(link, _filled)):
            yield Problem(
                link.target.place, f"trainer.link: there is no {link.target.text} in {Path.cwd()} to link to"
            )
    if said.cwd is None or not _is_known(said.cwd, OWN):
        return
    folder = os.path.normpath(Path.cwd() / _filled(said.cwd.text))
    taken: dict[Path, str] = {}
    for link in said.link:
        shown = link.name or link.target
        if not _is_known(shown, OWN):
            continue
        name = name_of(link, _filled)
        place = Path(os.path.normpath(Path(folder, name)))
        wrong = misplaced(name, link.target.text, folder, _filled(f"{{{RUN_DIR}}}")) or _overlap(place, taken)
        if wrong is None and is_there(place) and not place.is_symlink():
            wrong = f"{place} is there already, in the way of the link; take it out of `link:`"
        if wrong is not None:
            yield Problem(shown.place, f"trainer.link: {wrong}")
        taken[place] = link.target.text


def _overlap(place: Path, taken: dict[Path, str]) -> str | None:
    """Why a link cannot be beside those before it."""
    for other, target in taken.items():
        if place == other:
            remedy = f"give one of them another name: `link: {{NAME: {target}}}`"
            return f"two links are called {place.name}, this one and that to {target}; {remedy}"
        if place.is_relative_to(other) or other.is_relative_to(place):
            outer, inner = sorted((place, other))
            return (
                f"{inner.name} would be made inside {outer.name}, which is a link itself; link one of the two"
            )
    return None


def _is_known(template: Template, own: Iterable[str]) -> bool:
    """Whether a text names nothing but these words of a trial."""
    try:
        return set(keys_of(template.text)) <= set(own) and "{newest:" not in template.text
    except ValueError:
        return False  # which is a problem of its own


def _filled(text: str) -> str:
    return fill(text, _NO_TRIAL)


def _expanded(text: str) -> str:
    return os.path.expanduser(text)  # noqa: PTH111 - no home is needed
