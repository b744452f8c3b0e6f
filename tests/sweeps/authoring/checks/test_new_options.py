"""Options that a script got after its file was written are told, once and only where the file lists its options."""

import json

import pytest
import yaml

from sweeps.authoring import script
from tests.sweeps.specs import run_sweep

ARGPARSE = """
import argparse
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=0.1)
p.add_argument("--batch-size", type=int, default=64)
p.add_argument("--width", type=int, default=8)
p.add_argument("--random-seed", type=int, default=0)
p.add_argument("--out-dir", default="out")
MORE
args = p.parse_args()
"""
WARMUP = "p.add_argument('--warmup-steps', type=int, default=500)"
TYRO = """
import dataclasses, tyro
@dataclasses.dataclass
class Config:
    lr: float = 0.1
    width: int = 8
    # MORE
tyro.cli(Config)
"""
CONSTANTS = "LR = 0.1\nWIDTH = 8\nSEED = 0\n# MORE\nprint(LR, WIDTH, SEED)\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def notes():
    done = run_sweep("check", "experiments.yaml", "--json")
    assert done.code == 0, done
    return json.loads(done.out).get("notes", [])


def started(here, text=ARGPARSE):
    """A file that lists the options of a script."""
    (here / "train.py").write_text(text)
    assert run_sweep("init", "train.py").code == 0
    assert notes() == []


def grown(here, more, text=ARGPARSE, mark="MORE"):
    (here / "train.py").write_text(text.replace(mark, more))
    return notes()


def test_a_new_option_is_told_in_one_line_with_its_default_and_what_to_do(here):
    started(here)
    (note,) = grown(here, WARMUP)
    assert note.startswith("experiments.yaml:")
    assert note.endswith(
        ": train.py also takes --warmup-steps (default 500); trials have that value. "
        "To keep or vary it, write `warmup_steps: VALUE` here: that makes new trials"
    )
    assert len(note) < 220
    done = run_sweep("check", "experiments.yaml")
    assert ": note: train.py also takes --warmup-steps" in done.out
    assert "fine" in done.out


@pytest.mark.parametrize(
    ("text", "mark", "more", "name"),
    [
        (TYRO, "# MORE", "ema: bool = True", "--ema (default true)"),
        (CONSTANTS, "# MORE", "EMA = 0.9", "EMA (default 0.9)"),
    ],
)
def test_other_parsers_and_constants_are_looked_through_too(here, text, mark, more, name):
    started(here, text)
    (note,) = grown(here, more, text, mark)
    assert f"train.py also takes {name};" in note


@pytest.mark.parametrize(
    "where",
    [
        {"defaults": {"warmup_steps": 1}},
        {"sweeps": {"learning-rate": {"grid": {"warmup_steps": [1, 2]}}}},
        {"trainer": {"command": ["python", "train.py", "--warmup-steps", "7", "{args}"]}},
        {
            "trainer": {"args": {"dashes": True, "keys": {"seed": "--random-seed", "w": "--warmup-steps"}}},
            "defaults": {"w": 1},
        },
        {"profiles": {"quick": {"warmup_steps": 1}}},
    ],
)
def test_an_option_that_the_file_sets_somewhere_is_not_told(here, where):
    started(here)
    spec = yaml.safe_load((here / "experiments.yaml").read_text())
    for part, more in where.items():
        spec[part] = {**spec.get(part, {}), **more}
    (here / "experiments.yaml").write_text(yaml.safe_dump(spec))
    assert grown(here, WARMUP) == []


def test_nothing_is_told_of_seeds_outputs_many_options_or_what_somebody_took_out(here):
    started(here)
    assert (
        grown(
            here, "p.add_argument('--seed', type=int, default=1)\np.add_argument('--log-dir', default='log')"
        )
        == []
    )
    assert grown(here, "\n".join(f"p.add_argument('--a{n}', type=int, default=1)" for n in range(4))) == []
    text = (here / "experiments.yaml").read_text()
    (here / "experiments.yaml").write_text(
        "".join(line for line in text.splitlines(True) if "  width:" not in line)
    )
    assert grown(here, "") == []


@pytest.mark.parametrize(("many", "notes_there"), [(3, 1), (4, 0)])
def test_more_than_three_new_options_are_not_told(here, many, notes_there):
    old = "\n".join(f"p.add_argument('--b{n}', type=int, default=1)" for n in range(9))
    new = "\n".join(f"p.add_argument('--a{n}', type=int, default=1)" for n in range(many))
    started(here, ARGPARSE.replace("MORE", old))
    assert len(grown(here, f"{old}\n{new}")) == notes_there


def test_a_file_that_lists_few_options_means_to(here):
    (here / "train.py").write_text(ARGPARSE.replace("MORE", WARMUP))
    text = "trainer: {command: [python, train.py, '{args}'], args: {dashes: true}}\ndefaults: {lr: 0.1}\n"
    (here / "experiments.yaml").write_text(text + "sweeps: {a: {set: {width: 4}}}\n")
    assert notes() == []


def test_the_script_is_read_once_for_warnings_and_notes(here, monkeypatch):
    started(here)
    (here / "train.py").write_text(ARGPARSE.replace("MORE", WARMUP))
    read, reads = script.read_source, []
    monkeypatch.setattr(script, "read_source", lambda path: reads.append(path.name) or read(path))
    (here / "experiments.yaml").write_text(
        (here / "experiments.yaml").read_text().replace("  lr: 0.1", "  lr: big", 1)
    )
    done = run_sweep("check", "experiments.yaml")
    assert "warning: defaults.lr: train.py takes --lr as float" in done.out
    assert "note: train.py also takes --warmup-steps" in done.out
    assert reads == ["train.py"]
