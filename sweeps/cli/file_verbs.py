"""Defines the verbs that write a file for `sweep` or read it back: `init`, `import`, `commands`, `schema`; and `recipe`."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sweeps.cli.completion.values import recipe_names
from sweeps.cli.group import cli, open_session
from sweeps.cli.options import LAYERS, PICKS, TRACKING, requesting, seconds_of, styled
from sweeps.cli.output import say

if TYPE_CHECKING:
    from sweeps.commands.request import Request


_PROBE = "--probe"
_PROBE_TIME = "20s"


class _WithWords(click.Command):
    """A verb that takes words of a script: an option that it does not have is likely to be one of the script's.

    What stands behind `--probe` and is no time is the script.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, _with_time(args))
        except click.NoSuchOption as error:
            words = f"Words for SCRIPT stand behind `--`: sweep {self.name} SCRIPT -- {error.option_name} ..."
            raise click.UsageError(f"{error.format_message()} {words}", ctx) from None


def _with_time(args: list[str]) -> list[str]:
    """Write out the time of `--probe` where a script follows it."""
    from sweeps.program.named_paths import is_there
    from sweeps.spec.fields import seconds

    own = args[: args.index("--")] if "--" in args else args
    for at, (word, after) in enumerate(itertools.pairwise(own)):
        is_script = after.endswith(".py") or is_there(Path(after))
        if word == _PROBE and is_script and seconds(after) is None:
            return [*args[:at], f"{_PROBE}={_PROBE_TIME}", *args[at + 1 :]]
    return args


def _none_where_printed(_: click.Context, __: click.Parameter, out: Path | None) -> Path | None:
    """The file to write; None where it is to be printed, as `-` says."""
    return None if out is None or str(out) == "-" else out


_OUT = click.option(
    "--out",
    type=click.Path(path_type=Path, allow_dash=True),
    callback=_none_where_printed,
    help="The file to write. Default, or -: it is printed.",
)


@cli.command(cls=_WithWords)
@click.argument("script", type=click.Path(path_type=Path))
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "-m",
    "is_module",
    is_flag=True,
    help="SCRIPT is the name of a module, as in `python -m lab.train`; of a package that has a __main__.py.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, allow_dash=True),
    default=Path("experiments.yaml"),
    show_default=True,
    callback=_none_where_printed,
    help="The file to write, with its schema for editors beside it; - prints it.",
)
@click.option(
    _PROBE,
    "probe_s",
    metavar="[TIME]",
    is_flag=False,
    flag_value=_PROBE_TIME,
    callback=seconds_of,
    help=f"Run SCRIPT once for so long (default {_PROBE_TIME}) in a copy of this folder, to see what it prints and leaves: `sweep init --probe 60s SCRIPT -- WORDS`, with or without the time.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Replace the file if it is there already and was edited, and whatever has the schema's place.",
)
def init(
    script: Path,
    words: tuple[str, ...],
    *,
    is_module: bool,
    out: Path | None,
    probe_s: float | None,
    force: bool,
) -> None:
    """Write an experiments.yaml for SCRIPT, a Python script, or a folder with a __main__.py.

    Its options, what it writes and what it prints are read from its source. Nothing of it is run, unless --probe says so.
    WORDS are arguments of SCRIPT as you type them by hand, behind `--`: they take the place of its defaults.
    Of a program that is not Python, the file is made of its WORDS and of its line `usage:`, and --probe does not run it.
    """
    from sweeps.cli.views.init_summary import summary
    from sweeps.commands.init import init as write

    done = write(script, out, words, probe_s=probe_s, force=force, is_module=is_module)
    if out is None:
        say(done.draft.text.rstrip())
    for line in summary(done, done.script, out):
        say(line, err=out is None)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@_OUT
@click.option("--force", is_flag=True, help="Replace OUT where it is no such schema.")
def schema(file: Path | None, *, out: Path | None, force: bool) -> None:
    """Print the JSON schema of FILE, by which an editor completes and checks it.

    It has the settings of FILE's trainer, so print it anew when these change: `sweep init` writes one beside the file that
    it makes, and its name into that. Without FILE: what holds of any.
    """
    from sweeps.commands.editing.schema import schema_of, write

    found = schema_of(file)
    for remark in found.remarks:
        say(remark, err=True)
    if out is None:
        say(found.text().removesuffix("\n"))
    else:
        write(found, out, replace=force)
        say(f"{out}: written")


@cli.command(name="import")
@click.argument("source", metavar="FILE")
@_OUT
@click.option("--force", is_flag=True, help="Replace OUT where it exists.")
@styled("what its words look like")
def import_(source: str, *, out: Path | None, force: bool, style: str | None) -> None:
    """Make an experiments.yaml of the command lines, loops or sweep in FILE. Runs nothing of it.

    FILE is a shell script with command lines and `for` loops, Hydra's -m among them, a sweep of W&B, or a Python file
    with a search space of Optuna or Ray; - is the standard input. What does not carry over is said.
    """
    from sweeps.commands.importing import import_file, write

    imported = import_file(source, style)
    for remark in imported.remarks():
        say(f"{source}: {remark}", err=True)
    say(f"{source}: {imported.question()}", err=True)
    if out is None:
        say(imported.text().removesuffix("\n"))
    else:
        write(imported, out, replace=force)
        say(f"{out}: written; `sweep check {out}` checks it")


@cli.command()
@requesting(*LAYERS, *PICKS)
@click.option(
    "--program", metavar="COMMAND", help="For a function: the program that does the same, with {args}."
)
@styled("with --program argparse; else FILE says it")
@click.option(
    "--folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="For a file with `config_file:`: write each trial's copy below DIR.",
)
@TRACKING
def commands(
    request: Request, *, program: str | None, style: str | None, folder: Path | None, tracking_uri: str | None
) -> None:
    """Print FILE as a shell script that runs without sweep, one trial a line. Reads only.

    For a file with `config_file:` the commands name each trial's copy as DIR/SWEEP/TRIAL/NAME; with --folder DIR they are written there.
    """
    from sweeps.commands.plain_commands import plain_commands

    script = plain_commands(open_session(request, tracking_uri), program, style, folder)
    script.write_copies()
    say(script.text.removesuffix("\n"))


@cli.command()
@click.argument("name", required=False, shell_complete=recipe_names)
def recipe(name: str | None) -> None:
    """Print how a kind of trainer is written into a file: one that prints its losses, uses Lightning, is no Python.

    Without NAME: which recipes there are, by what your script does, and which explanations they lead to.
    """
    from sweeps.commands.editing.recipes import listing, recipe_text

    if name is not None:
        say(recipe_text(name))
        return
    listed = listing()
    width = max(len(known) for known, _ in listed)
    for known, what in listed:
        say(f"{known:{width}}  {what}")
