"""Defines the options that several verbs of the `sweep` command share."""

from __future__ import annotations

import functools
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

LOCAL = "local"
_F = TypeVar("_F", bound="Callable[..., Any]")
FILE = click.argument("file", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
TRACKING = click.option(
    "--tracking-uri",
    metavar="URI",
    help="The MLflow store. Default: $MLFLOW_TRACKING_URI, else sqlite:///mlflow.db.",
)
STYLE = click.option(
    "--args",
    "style",
    metavar="STYLE",
    callback=lambda _context, _option, text: style_of(text),
    help="How the program reads options, such as argparse, fire or hydra. Default: import looks at the words, commands takes argparse.",
)
LAYERS = (
    click.option("--profile", metavar="NAME", help="Use this profile instead of the one that FILE chooses."),
    click.option(
        "--set",
        "overrides",
        metavar="KEY=VALUE",
        multiple=True,
        help="Set a key in every trial; overrides FILE.",
    ),
    click.option(
        "--sweep", "sweeps", metavar="NAME", multiple=True, help="Only this sweep; can be repeated."
    ),
)
PICKS = (
    click.option(
        "--only",
        metavar="KEY=VALUE",
        multiple=True,
        help="Only trials with this value; trial=NAME works too.",
    ),
    click.option(
        "--except", "excepting", metavar="KEY=VALUE", multiple=True, help="No trials with this value."
    ),
)


def requesting(*options: Callable[[Any], Any]) -> Callable[[_F], _F]:
    """Add FILE and some of `LAYERS` and `PICKS` to a command, which gets them as one `request`.

    Args:
        options: The options to add.
    """

    def decorate(function: _F) -> _F:
        @functools.wraps(function)
        def wrapped(**given: Any) -> Any:
            from sweeps.commands.session import Request

            asked = {field.name: given.pop(field.name) for field in fields(Request) if field.name in given}
            return function(Request(**asked), **given)

        for option in reversed(options):
            wrapped = option(wrapped)
        return FILE(wrapped)  # type: ignore[return-value]

    return decorate


def style_of(text: str | None) -> str | None:
    """A style of `args:`.

    Raises:
        click.BadParameter: There is none of this name.
    """
    from sweeps.errors import did_you_mean
    from sweeps.spec.trainer.arguments import STYLES

    if text is not None and text not in STYLES:
        hint = did_you_mean(text, STYLES) or f"; the styles are {', '.join(STYLES)}"
        raise click.BadParameter(f"there is no style {text}{hint}")
    return text


def run_options(
    *,
    jobs: int | None,
    gpus: str | None,
    executor: str,
    address: str | None,
    retry_failed: bool,
    patience_s: float,
) -> tuple[str, ...]:
    """The options of `sweep run` alone, as words: those that are not as they are by default."""
    from sweeps.record.outage import PATIENCE_S

    given = (
        ("--jobs", jobs),
        ("--gpus", gpus),
        ("--executor", None if executor == LOCAL else executor),
        ("--address", address),
        ("--patience", None if patience_s == PATIENCE_S else f"{patience_s:g}s"),
    )
    words = [word for option, value in given if value is not None for word in (option, str(value))]
    return (*words, *(["--retry-failed"] if retry_failed else []))


def seconds_of(_context: click.Context, _option: click.Parameter, given: str | None) -> float | None:
    """Turn the value of an option, such as `10m`, into seconds; None where it is not given.

    Raises:
        BadParameter: It is not a time.
    """
    from sweeps.spec.fields import seconds

    if given is None:
        return None
    time_s = seconds(given)
    if time_s is None:
        raise click.BadParameter(f"must be a time such as 90s, 10m or 2h, not '{given}'")
    return time_s
