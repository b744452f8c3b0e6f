"""What may stand for the profiles, sweeps, trials and keys of a file, for options to complete; reads the file at most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from collections.abc import Iterable

    import click

_USUAL = Path("experiments.yaml")
"""Which file is meant while none is named."""


def profiles(context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """The file's profiles."""
    from sweeps.commands.editing.names import profiles_of

    return _beginning(begun, profiles_of(_file(context)))


def sweeps(context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """The file's sweeps."""
    from sweeps.commands.editing.names import sweeps_of

    return _beginning(begun, sweeps_of(_file(context)))


def trials(context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """The trials of the file's grids."""
    from sweeps.commands.editing.names import trials_of

    given = context.params
    return _beginning(begun, trials_of(_file(context), given.get("profile"), given.get("seeds")))


def picks(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """`KEY=` for what varies, then its values; `trial=NAME`, too."""
    from sweeps.commands.editing.names import axes_of

    key, is_key_whole, value = begun.partition("=")
    if key == "trial" and is_key_whole:
        return [CompletionItem(f"trial={item.value}") for item in trials(context, parameter, value)]
    axes = axes_of(_file(context))
    if is_key_whole:
        return _beginning(begun, (f"{key}={text}" for text in axes.get(key, ())))
    return _beginning(begun, (f"{name}=" for name in ("trial", *axes)))


def keys(context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """`KEY=` for what the file sets."""
    from sweeps.commands.editing.names import keys_of

    return _beginning(begun, (f"{name}=" for name in keys_of(_file(context))))


def styles(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """The styles of `args:`."""
    from sweeps.spec.trainer.arguments import STYLES

    return _beginning(begun, STYLES)


def recipe_names(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """The recipes for trainers, and what they lead to."""
    from sweeps.commands.editing.recipes import listing

    return _beginning(begun, (name for name, _ in listing()))


def _file(context: click.Context) -> Path:
    # Behind an option that lacks its value click has not read the arguments yet; they are left over.
    left = next((word for word in context.args if not word.startswith("-")), None)
    return Path(context.params.get("file") or left or _USUAL)


def _beginning(begun: str, names: Iterable[str]) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(begun)]
