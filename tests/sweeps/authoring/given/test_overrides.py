"""A script whose option takes KEY=VALUE: the keys of its config file are settings, each spelled by that option."""

import pytest
import yaml

from sweeps.authoring.drafting.draft import draft
from sweeps.authoring.drafting.facts import Facts
from tests.folders import write_files
from tests.sweeps.authoring.given.test_config_files import given

CONFIG = "[model]\nC = 1.0\nkernel = rbf\n[data]\ncsv = data/cohort.csv\nseed = 3\nout = results/summary.csv\nfigure = roc.png\n"
SCRIPT = """
import argparse, configparser
def read(path, overrides):
    cfg = configparser.ConfigParser()
    with open(path) as f:
        cfg.read_file(f)
    for item in overrides:
        key, eq, value = item.partition("=")
    return cfg
p = argparse.ArgumentParser()
p.add_argument("--config", default="base.ini")
p.add_argument("--set", {how}, default=[], metavar="SEC.KEY=VAL")
p.add_argument("--jobs", type=int, default=1)
p.add_argument("--fast", action="store_true")
args = p.parse_args()
cfg = read(args.config, args.set)
"""
APPEND, NARGS = 'action="append"', 'nargs="+"'


def drafted(folder, *words, how=APPEND, script=SCRIPT):
    write_files(folder, {"base.ini": CONFIG, "data/cohort.csv": "x\n1\n"})
    found = given(folder, script.replace("{how}", how), *words)
    text = draft(Facts("train.py", found.interface, before=found.before, files=found.files)).text
    return text, yaml.safe_load(text)


def test_the_keys_of_its_config_file_are_settings_and_what_is_typed_has_its_value(tmp_path):
    text, content = drafted(tmp_path, "--set", "model.C=0.5", "--set=model.new=a,b", "--jobs", "2")
    assert content["trainer"]["command"] == ["python", "train.py", "--config", "base.ini", "{args}"]
    assert content["trainer"]["args"] == {
        "style": "overrides",
        "prefix": "--set=",
        "keys": {"jobs": "--jobs", "fast": {"name": "--fast", "booleans": "flag"}, "seed": "--set=data.seed"},
    }
    assert content["defaults"] == {
        "jobs": 2,
        "fast": False,
        "model.C": 0.5,
        "model.new": "a,b",
        "data.out": "{run_dir}/summary.csv",
        "data.figure": "{run_dir}/roc.png",
    }
    assert content["sweeps"]["first"] == {"grid": {"model.C": [0.25, 0.5]}, "seeds": [3, 4]}
    assert "  # model.kernel: rbf  " in text
    assert "do options override it?" not in text


def test_a_data_file_that_the_config_names_is_no_output(tmp_path):
    text, _ = drafted(tmp_path)
    assert "# data.csv: data/cohort.csv # data file; as in base.ini" in " ".join(text.split())


def test_words_behind_one_option_stand_last_and_what_cannot_stand_before_them_is_asked(tmp_path):
    text, content = drafted(
        tmp_path, "--config", "base.ini", "--set", "model.C=0.5", "model.kernel=svm", how=NARGS
    )
    command = ["python", "train.py", "--config", "base.ini", "--jobs={jobs}", "--set", "{args}"]
    assert content["trainer"]["command"] == command
    assert content["trainer"]["args"] == {"style": "overrides", "keys": {"seed": "data.seed"}}
    assert (content["defaults"]["model.C"], content["defaults"]["model.kernel"]) == (0.5, "svm")
    assert "# ? does a trial need --fast? write it into the command, before --set" in text


@pytest.mark.parametrize(
    "load",
    [
        "yaml.safe_load(open('c.yaml'))",
        "with open('c.yaml') as f:\n    yaml.safe_load(f)",
        "OmegaConf.load(C)",
    ],
)
def test_the_file_that_the_source_names_is_read_without_an_option_for_it(tmp_path, load):
    (tmp_path / "c.yaml").write_text("lr: 0.1\n")
    script = "import argparse, yaml\nfrom omegaconf import OmegaConf\nC = 'c.yaml'\np = argparse.ArgumentParser()\n"
    script += f"p.add_argument('words', nargs='*', help='KEY=VALUE')\nargs = p.parse_args()\n{load}\n"
    _, content = drafted(tmp_path, "lr=0.3", "b=1", script=script)
    assert content["trainer"] == {
        **content["trainer"],
        "command": ["python", "train.py", "{args}"],
        "args": "overrides",
    }
    assert content["defaults"] == {"lr": 0.3, "b": 1}


def test_the_only_config_of_the_folder_is_taken_where_it_is_needed_and_no_key_is_asked_for(tmp_path):
    text, content = drafted(tmp_path, script=SCRIPT.replace('default="base.ini"', "required=True"))
    assert content["trainer"]["command"][2:4] == ["--config", "base.ini"]
    assert "# model.C: 1.0" in text
    (tmp_path / "other").mkdir()
    text, _ = drafted(tmp_path / "other", script=SCRIPT.replace("base.ini", "none.ini"))
    assert "# ? --set takes KEY=VALUE: which keys are there?" in text
