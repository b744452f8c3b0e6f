"""A script that takes its settings from a config file: what a drafted file makes of the file's keys."""

import pytest
import yaml

from sweeps.authoring.drafting.draft import draft
from sweeps.authoring.drafting.facts import Facts
from tests.sweeps.authoring.given.test_config_files import given

SCRIPT = """
import argparse, yaml
p = argparse.ArgumentParser()
p.add_argument({name}, default={default!r})
p.add_argument("--gpu", type=int, default=0)
config = yaml.safe_load(open(p.parse_args().config))
"""
CONFIG = (
    "optim: {lr: 1e-3, name: adam}\ntrain:\n  epochs: 5\n  log_dir: runs/\nseed: 3\nblocks: [{size: 1}]\n"
)


def drafted(folder, *words, name='"--config"', default=None, config=CONFIG):
    (folder / "base.yaml").write_text(config)
    found = given(folder, SCRIPT.format(name=name, default=default), *words)
    text = draft(Facts("train.py", found.interface, before=found.before, files=found.files)).text
    return text, yaml.safe_load(text)


@pytest.mark.parametrize(
    ("words", "default"),
    [(("--config", "base.yaml"), None), (("--config=base.yaml",), "x"), ((), "base.yaml")],
)
def test_each_key_of_the_file_may_be_set_and_the_command_has_the_copy(tmp_path, words, default):
    text, content = drafted(tmp_path, *words, default=default)
    trainer = content["trainer"]
    assert (trainer["command"], trainer["config_file"]) == (["python", "train.py", "{args}"], "base.yaml")
    assert trainer["epochs"] == "train.epochs"
    assert content["defaults"] == {
        "config": "{trial_config}",
        "gpu": 0,
        "train.epochs": 5,
        "train.log_dir": "{run_dir}/",
    }
    assert content["sweeps"]["learning-rate"] == {
        "grid": {"optim.lr": [0.00033, 0.001, 0.003]},
        "seeds": [3, 4],
    }
    assert "  # optim.name: adam  " in text
    assert "  # blocks:  " in text
    assert "do options override it?" not in text
    assert "defaults:  # what differs from base.yaml; " in text
    assert "typed" not in text


def test_a_config_by_its_place_is_a_word_of_the_command(tmp_path):
    _, content = drafted(tmp_path, "base.yaml", name='"config"')
    assert content["trainer"]["command"] == ["python", "train.py", "{trial_config}", "{args}"]
    assert "config" not in content["defaults"]


def test_a_key_that_an_option_has_too_stays_a_question(tmp_path):
    text, content = drafted(tmp_path, "--config=base.yaml", config="device: {gpu: 3}\n")
    assert "config_file" not in content["trainer"]
    assert "base.yaml is read, too: do options override it?" in text


@pytest.mark.parametrize("config", ["- 1\n", "a: !new 3\n", "images: [{id: 1}]\n"])
def test_of_a_file_that_cannot_be_copied_no_copy_is_made(tmp_path, config):
    _, content = drafted(tmp_path, "--config=base.yaml", config=config)
    assert "config_file" not in content["trainer"]
    assert content["defaults"]["config"] == "base.yaml"


def test_a_seed_of_another_name_follows_what_seeds_sets_and_is_kept_from_options(tmp_path):
    config = "train: {manual_seed: 7, lr: 0.1}\n"
    (tmp_path / "base.yaml").write_text(config)
    script = "import sys, yaml\nconfig = yaml.safe_load(open(sys.argv[1]))\n"
    text = draft(Facts("train.py", given(tmp_path, script, "base.yaml").interface)).text
    assert '  train.manual_seed: "{seed}"  # int; in base.yaml: 7\n' in text
    assert yaml.safe_load(text)["sweeps"]["learning-rate"]["seeds"] == [7, 8]
    _, content = drafted(tmp_path, "--config=base.yaml", config=config)
    assert content["defaults"]["train.manual_seed"] == "{seed}"
    assert content["trainer"]["args"]["keys"] == {"seed": "none"}


@pytest.mark.parametrize(
    ("config", "grid"),
    [
        ("size: 32\nheat: {T: 2.2, J: 1.0}\nsteps: 900\n", {"heat.T": [1.1, 2.2]}),
        ("log_every: 20\nnum_workers: 8\nseed: 3\none: 1\nsize: 33\n", {"size": [16, 33]}),
        ("{gamma: 0.9, field: 0.0}", {"gamma": [0.45, 0.9]}),
    ],
)
def test_without_a_learning_rate_the_grid_is_a_guess_over_a_number_of_the_file(tmp_path, config, grid):
    text, content = drafted(tmp_path, "--config=base.yaml", config=config)
    assert content["sweeps"]["first"]["grid"] == grid
    assert "# ? a guess: which settings shall vary, and over which values?" in text


@pytest.mark.parametrize("config", ["train: {seed: 3, kind: a}\n", "{seed: 3, steps: 90, print_every: 0.5}"])
def test_without_a_number_to_vary_the_grid_is_a_question_and_the_sweep_has_a_trial(tmp_path, config):
    text, content = drafted(tmp_path, "--config=base.yaml", config=config)
    assert "# ? grid: {KEY" in text
    assert isinstance(content["sweeps"]["first"], dict)
