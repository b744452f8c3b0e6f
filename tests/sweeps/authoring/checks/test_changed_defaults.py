"""Defaults of a script that changed after its file was written are told, as long as the file has the old ones."""

import json

import pytest

from tests.sweeps.specs import run_sweep

SCRIPT = """\
import argparse
p = argparse.ArgumentParser()
p.add_argument("--learning-rate", type=float, default=LR)
p.add_argument("--model", choices=["mlp", "cnn"], default=MODEL)
p.add_argument("--amp", action=argparse.BooleanOptionalAction, default=AMP)
p.add_argument("--width", type=int, default=8)
args = p.parse_args()
"""
OLD = {"LR": "0.1", "MODEL": "'mlp'", "AMP": "False"}


@pytest.fixture
def notes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "experiments.yaml"

    def written(**values):
        text = SCRIPT
        for name, value in (OLD | values).items():
            text = text.replace(name, value)
        (tmp_path / "train.py").write_text(text)

    def told(edit=lambda text: text, **values):
        written(**values)
        file.write_text(edit(file.read_text()))
        done = run_sweep("check", "experiments.yaml", "--json")
        assert done.code == 0, done
        return json.loads(done.out).get("notes", [])

    written()
    assert run_sweep("init", "train.py").code == 0
    file.write_text(file.read_text().partition("sweeps:")[0] + "sweeps:\n  a: {grid: {width: [8, 16]}}\n")
    assert told() == []
    return told


def test_what_changed_is_told_in_one_note_with_both_values_and_what_to_do(notes):
    (note,) = notes(LR="0.01", MODEL="'cnn'")
    assert note.startswith("experiments.yaml:")
    told = "train.py now has other defaults: learning_rate 0.01 (was 0.1), model cnn (was mlp); trials keep what stands here."
    assert told in note
    assert run_sweep("schema", "experiments.yaml", "--out", "experiments.schema.json").code == 0
    assert notes(LR="0.01", MODEL="'cnn'") == []


def test_of_a_truth_that_is_no_number_the_change_is_told(notes):
    (note,) = notes(AMP="True")
    assert "amp true (was false)" in note


def test_a_value_that_somebody_chose_is_left_alone(notes):
    for own in ("0.5", "0.01"):
        assert notes(lambda text, own=own: text.replace("learning_rate: 0.1", f"learning_rate: {own}"), LR="0.01") == []  # fmt: skip


def test_a_value_that_every_sweep_varies_is_not_told(notes):
    assert notes(lambda text: text.replace("{width:", "{learning_rate: [1, 2], width:"), LR="0.01") == []
    assert len(notes(lambda text: f"{text}  b: {{seeds: 1}}\n", LR="0.01")) == 1


def test_without_a_schema_nothing_tells_what_was(notes, tmp_path):
    (tmp_path / "experiments.schema.json").write_text("[1]")
    assert notes(LR="0.01") == []
    (tmp_path / "experiments.schema.json").unlink()
    assert notes(LR="0.01") == []
