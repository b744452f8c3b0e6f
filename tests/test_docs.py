"""The documents keep up with the code: every command, key, tag and exit code is written down."""

import re
from pathlib import Path

import click
import pytest

from sweeps import ledger, reader
from sweeps.cli import cli

ROOT = Path(__file__).parent.parent
TEXTS = {path.name: path.read_text() for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
ALL = "\n".join(TEXTS.values())


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_has_help_and_stands_in_the_documents(name):
    assert cli.commands[name].help
    assert all(option.help for option in cli.commands[name].params if isinstance(option, click.Option))
    assert f"sweep {name}" in ALL


@pytest.mark.parametrize("key", [*reader._TOP_KEYS, *reader._SWEEP_KEYS])
def test_every_key_of_the_file_is_explained(key):
    assert re.search(rf"\b{key}\b", TEXTS["experiments.md"])


TAGS = {value for name, value in vars(ledger).items() if name.isupper() and str(value).startswith("sweeps.")}


@pytest.mark.parametrize("tag", sorted(TAGS))
def test_every_tag_is_explained(tag):
    assert f"`{tag}`" in TEXTS["trust.md"]


def test_every_link_leads_somewhere():
    for name, text in TEXTS.items():
        folder = ROOT if name == "README.md" else ROOT / "docs"
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (folder / target).exists(), f"{name}: {target}"
