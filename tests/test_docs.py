"""The documents keep up with the code: every command, key, tag and exit code is written down."""

import re
import shutil
from pathlib import Path

import click
import pytest
from mlflow.tracking import MlflowClient

from analysis.read import tags
from analysis.read.frames import IDENTITY_TYPES
from sweeps.cli.verbs import cli
from sweeps.spec.parser import TOP_KEYS
from sweeps.spec.search_parser import SEARCH_KEYS
from sweeps.spec.space_parser import DIMENSION_KEYS
from sweeps.spec.sweep_parser import SWEEP_KEYS
from sweeps.spec.trainer.parser import TRAINER_KEYS
from tests.analysis.recorded import EPOCHS, ratio_sweep, record

ROOT = Path(__file__).parent.parent
TEXTS = {path.name: path.read_text() for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
ALL = "\n".join(TEXTS.values())


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_has_help_and_stands_in_the_documents(name):
    assert cli.commands[name].help
    assert all(option.help for option in cli.commands[name].params if isinstance(option, click.Option))
    assert f"sweep {name}" in ALL


@pytest.mark.parametrize("key", [*TOP_KEYS, *TRAINER_KEYS, *SWEEP_KEYS])
def test_every_key_of_the_file_is_explained(key):
    assert re.search(rf"\b{key}\b", TEXTS["experiments.md"])


@pytest.mark.parametrize("key", [*SEARCH_KEYS, *DIMENSION_KEYS])
def test_every_key_of_a_search_is_explained(key):
    assert re.search(rf"\b{key}\b", TEXTS["search.md"])


TAGS = {value for name, value in vars(tags).items() if name.isupper() and str(value).startswith("sweeps.")}


@pytest.mark.parametrize("tag", sorted(TAGS))
def test_every_tag_is_explained(tag):
    assert f"`{tag}`" in TEXTS["trust.md"]


def test_every_link_leads_somewhere():
    for name, text in TEXTS.items():
        folder = ROOT if name == "README.md" else ROOT / "docs"
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (folder / target).exists(), f"{name}: {target}"


def test_the_example_for_notebooks_runs(empty_database, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(empty_database, tmp_path / "mlflow.db")
    run_ids = record(MlflowClient(f"sqlite:///{tmp_path}/mlflow.db"), ratio_sweep(strategies=("Cyclical",)))
    (example,) = re.findall(r"```python\n(.*?)```", TEXTS["notebooks.md"], re.DOTALL)
    names = {}
    exec(example, names)  # noqa: S102 - the document's own words are what is tested
    assert list(names["table"].columns) == sorted(run_ids)
    assert names["table"].index.tolist() == list(range(EPOCHS))
    assert names["ranking"]["metrics.val/psnr"].is_monotonic_decreasing


def test_every_column_of_the_frames_is_explained():
    for column in [*IDENTITY_TYPES, "step", "value", "key"]:
        assert f"`{column}`" in TEXTS["notebooks.md"]
