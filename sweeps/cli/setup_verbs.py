"""Defines the verbs that make a machine ready: `doctor`, `completion`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sweeps.cli.group import cli
from sweeps.cli.options import JSON, TRACKING
from sweeps.cli.output import say, say_json


@cli.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@TRACKING
@JSON
def doctor(file: Path | None, *, tracking_uri: str | None, as_json: bool) -> None:
    """Say what this machine has for sweeps, what is wrong, and what to do about it. Leaves nothing behind.

    Python, MLflow, the store, torch, GPUs, git, disks, the folder that trials share, clocks and limits. With FILE, torch is
    looked for in the Python of its trainer. Exit code 1: something is wrong.
    """
    from dataclasses import asdict

    from sweeps.commands.doctor.examination import examine
    from sweeps.commands.doctor.judging import State
    from sweeps.commands.doctor.place import place_of

    found = examine(place_of(file, tracking_uri))
    is_wrong = any(finding.state is State.WRONG for finding in found)
    if as_json:
        say_json([{**asdict(finding), "state": finding.state.value} for finding in found], indent=1)
    else:
        for finding in found:
            todo = f"; {finding.remedy}" if finding.remedy else ""
            say(f"{finding.state.value:5}  {finding.part:6}  {finding.found}{todo}")
    sys.exit(1 if is_wrong else 0)


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what has SHELL complete `sweep`: verbs, options, and the profiles, sweeps and trials of the file.

    bash: add `eval "$(sweep completion bash)"` to ~/.bashrc; zsh: the same to ~/.zshrc, behind `compinit`;
    fish: `sweep completion fish > ~/.config/fish/completions/sweep.fish`.
    """
    from sweeps.cli.completion.shells import script

    say(script(cli, shell).removesuffix("\n"))
