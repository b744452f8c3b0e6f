"""Each example does what its reader does with it: a copy of its folder is checked and run, and the record holds each point once."""

import importlib.util
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from sweeps.authoring.drafting.draft import draft
from sweeps.authoring.drafting.facts import Facts
from sweeps.authoring.interface import interface_of
from sweeps.authoring.outputs.prints.printed_lines import printed_by
from sweeps.authoring.outputs.writers import written_by
from sweeps.authoring.script import read_script

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
FOLDERS = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir() and not path.name.startswith("_"))

AUTOLOGGED = ["accuracy_score", "f1_score", "log_loss", "precision_score", "recall_score", "roc_auc", "score"]
OF_EVALUATION = ["loss", "runtime", "samples_per_second", "steps_per_second"]
OF_TRAINING = ["loss", "runtime", "samples_per_second", "steps_per_second"]
TRIALS = {
    "constants": [f"LEARNING_RATE{rate}-MOMENTUM{m}" for rate in (0.03, 0.1) for m in ("0.0", "0.5")],
    "csv": ["lr0.01-momentum0", "lr0.01-momentum0.5", "lr0.03-momentum0", "lr0.03-momentum0.5"],
    "fire": ["darts1000-seed1", "darts1000-seed2", "darts10000-seed1", "darts10000-seed2"],
    "huggingface": ["learning_rate0.001", "learning_rate0.01"],
    "hydra": ["sgd-lr0.03", "sgd-lr0.1", "heavy_ball-lr0.03", "heavy_ball-lr0.1"],
    "lightning": ["lr0.01", "lr0.1"],
    "mlflow": ["learning_rate0.1", "learning_rate0.9"],
    "prints": ["lr0.03-seed1", "lr0.03-seed2", "lr0.3-seed1", "lr0.3-seed2"],
    "shell": ["share0.3", "share0.5", "share0.7"],
    "simulation": [f"beta{beta}-seed{seed}" for beta in (0.2, 0.4) for seed in (0, 1)],
    "sklearn": ["max_depth1", "max_depth3"],
    "tensorboard": ["hidden2", "hidden8"],
    "torchrun": ["lr0.03", "lr0.3"],
}
STEPS = {
    "constants": {"loss": range(10)},
    "csv": {"height": range(20), "distance": range(20)},
    "fire": {"pi": range(6), "error": range(6)},
    "huggingface": {
        **dict.fromkeys(["loss", "grad_norm", "learning_rate"], range(4, 25, 4)),
        **{f"eval_{name}": range(8, 25, 8) for name in OF_EVALUATION},
        **{f"train_{name}": [24] for name in OF_TRAINING},
        "total_flos": [24],
    },
    "hydra": {"loss": range(10), "x": range(10)},
    "lightning": {"train_loss": range(5), "val_loss": range(5)},
    "mlflow": {"loss": range(8), "accuracy": range(8)},
    "prints": {"loss": range(1, 6), "slope": range(1, 6)},
    "shell": {"root": range(1, 9), "width": range(1, 9)},
    "simulation": {"infected": range(1, 61), "recovered": range(1, 61), "attack_rate": [60], "peak": [60]},
    "sklearn": {
        **{f"training_{name}": [0] for name in AUTOLOGGED},
        "RandomForestClassifier_score_x_test": [0],
    },
    "tensorboard": {"train/loss": range(50), "val/accuracy": range(0, 50, 10)},
    "torchrun": {"loss": range(5)},
}
"""The steps of each metric, in each trial."""
LARGE = {
    "huggingface": ("accelerate", "transformers"),
    "lightning": ("lightning",),
    "mlflow": (),
    "sklearn": (),
    "tensorboard": (),
    "torchrun": (),
}
"""Those whose libraries take a while to import, with the packages that `make examples` installs for them."""
WRITTEN_BY_HAND = {"shell", "simulation", "torchrun"}
"""`sweep init` reads no shell, asks whether a document holds metrics, and cannot know how many processes there should be."""


def marked(name):
    packages = LARGE.get(name, ())
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    marks = [pytest.mark.examples] if name in LARGE else []
    marks += [pytest.mark.skipif(bool(missing), reason=f"`make examples` installs {', '.join(missing)}")]
    return pytest.param(name, marks=marks)


def recorded(database, question):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(question).fetchall()


@pytest.mark.parametrize("name", [marked(name) for name in FOLDERS])
def test_an_example_runs_and_each_of_its_points_is_recorded_once(project, name):
    shutil.copytree(EXAMPLES / name, project.path, dirs_exist_ok=True)
    code, output = project.sweep("check", "experiments.yaml")
    assert (code, f"{len(TRIALS[name])} trials" in output) == (0, True), output
    code, output = project.sweep("run", "experiments.yaml")
    output += "".join(log.read_text() for log in project.path.glob("mlruns/*/*/artifacts/logs/*.log"))
    assert code == 0, output
    points = "select name, key, step from metrics join runs using (run_uuid)"
    expected = [(t, key, step) for t in TRIALS[name] for key, steps in STEPS[name].items() for step in steps]
    assert sorted(recorded(project.path / "mlflow.db", points)) == sorted(expected), output
    runs = "select name, status from runs join tags using (run_uuid) where key = 'sweeps.kind' and value = 'trial'"
    assert sorted(recorded(project.path / "mlflow.db", runs)) == [
        (t, "FINISHED") for t in sorted(TRIALS[name])
    ]


@pytest.mark.parametrize("name", sorted(set(FOLDERS) - WRITTEN_BY_HAND))
def test_an_example_has_the_trainer_that_init_writes_for_its_script(name, monkeypatch):
    monkeypatch.chdir(EXAMPLES / name)
    script = read_script(Path("train.py"))
    present = frozenset(path.name for path in Path().iterdir())
    facts = Facts("train.py", interface_of(script), written_by(script), printed_by(script), present)
    written = yaml.safe_load(draft(facts).text)
    shipped = yaml.safe_load(Path("experiments.yaml").read_text())
    assert shipped["trainer"] == written["trainer"]
    if name != "huggingface":  # of TrainingArguments there are more than its script names
        assert shipped["defaults"].items() <= written["defaults"].items()


def test_the_list_of_examples_names_each():
    listed = (EXAMPLES / "README.md").read_text()
    assert [name for name in FOLDERS if f"[{name}]({name}/)" not in listed] == []


RECIPES = (ROOT / "docs" / "how-to" / "trainers.md").read_text()
SECTIONS = [
    (named[1], section)
    for section in re.split(r"^## ", RECIPES, flags=re.MULTILINE)
    if (named := re.search(r"\]\(\.\./\.\./examples/(\w+)/\)", section))
]


@pytest.mark.parametrize(("name", "section"), SECTIONS, ids=[name for name, _ in SECTIONS])
def test_a_recipe_shows_lines_of_its_example(name, section):
    files = [path.read_text() for path in (EXAMPLES / name).iterdir() if path.is_file()]
    shown = re.findall(r"^```(?:python|yaml|sh)\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    assert len(shown) >= 2
    for part in [part for block in shown for part in block.split("...\n")]:
        assert any(part in text for text in files), part


def test_every_example_has_a_recipe():
    assert sorted(name for name, _ in SECTIONS) == FOLDERS
