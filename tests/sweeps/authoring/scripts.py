"""Small scripts for tests, read as `sweep init` reads them."""

import textwrap
from pathlib import Path

import yaml

from sweeps.authoring.drafting.draft import draft
from sweeps.authoring.drafting.facts import Facts
from sweeps.authoring.interface import interface_of
from sweeps.authoring.outputs.checkpoints import checkpoints_of
from sweeps.authoring.outputs.early_stopping import stops_early
from sweeps.authoring.outputs.logged_names import logged_by
from sweeps.authoring.outputs.prints.listed_values import listed_by
from sweeps.authoring.outputs.prints.printed_lines import printed_by
from sweeps.authoring.outputs.writers import written_by
from sweeps.authoring.script import read_script

HEAD = "import argparse, torch\np = argparse.ArgumentParser()\n"
"""How a script with options begins."""


def script_of(folder: Path, text: str, **others: str):
    """The script of a text, written below `folder` beside others; a name's `__` is a slash."""
    for name, inner in others.items():
        path = folder / f"{name.replace('__', '/')}"
        path = path.with_suffix(path.suffix or ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(inner))
    file = folder / "train.py"
    file.write_text(textwrap.dedent(text))
    return read_script(file)


def interface(folder: Path, text: str, **others: str):
    return interface_of(script_of(folder, text, **others))


def options(folder: Path, text: str, **others: str):
    """The options of a script by key."""
    return {option.key: option for option in interface(folder, text, **others).options}


def defaults(folder: Path, text: str, **others: str):
    """The defaults of a script's options by key."""
    return {key: option.default for key, option in options(folder, text, **others).items()}


def drafted(folder: Path, text: str, present=(), **others: str):
    """The file of a script."""
    script = script_of(folder, text, **others)
    names = frozenset(present or (path.name for path in folder.iterdir()))
    taken = interface_of(script)
    shown = written_by(script, taken.options), [*listed_by(script), *printed_by(script)]
    saved = checkpoints_of(script, taken)
    logged = logged_by(script)
    named = {"logged": logged.names, "logged_once": logged.once, "printed_only": logged.printed}
    more = {**named, "stops_early": stops_early(script)}
    return draft(Facts("train.py", taken, *shown, names, checkpoints=saved, **more))


def trainer(folder, text, **more):
    """What `sweep init` writes below `trainer:`."""
    return yaml.safe_load(drafted(folder, text, **more).text)["trainer"]
