"""A script that has to be given a config file: what a drafted file makes of those that lie there."""

import pytest
import yaml

from sweeps.authoring.drafting.draft import draft
from sweeps.authoring.drafting.facts import Facts
from tests.sweeps.authoring.given.test_config_files import given

ARGV = "import sys, yaml\ncfg = yaml.safe_load(open(sys.argv[1]))\nprint(cfg['optim']['lr'])\n"
NAMED = "import argparse, yaml\np = argparse.ArgumentParser()\np.add_argument('--setup')\nargs = p.parse_args()\n{}cfg = yaml.safe_load(open(args.setup))\n"
CONFIG = "optim: {lr: 0.1}\nepochs: 5\n"


def drafted(folder, script, *words, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    found = given(folder, script, *words)
    made = draft(Facts("train.py", found.interface, before=found.before, files=found.files))
    return made, yaml.safe_load(made.text)


@pytest.mark.parametrize("name", ["base_yaml", "conf__base_yml", "my-configs__deep_yaml"])
@pytest.mark.parametrize("is_typed", [True, False])
def test_the_only_file_of_the_folder_is_the_one(tmp_path, name, is_typed):
    path = name.replace("__", "/").replace("_", ".")
    made, content = drafted(tmp_path, ARGV, *[path] * is_typed, **{name: CONFIG})
    trainer = content["trainer"]
    assert trainer["command"] == ["python", "train.py", "{trial_config}"]
    assert (trainer["config_file"], trainer["epochs"]) == (path, "epochs")
    assert content["defaults"] == {"epochs": 5}
    assert content["sweeps"]["learning-rate"]["grid"] == {"optim.lr": [0.033, 0.1, 0.3]}
    assert (made.asks_config, made.missing, made.questions) == (False, (), 1)  # where its metrics are


@pytest.mark.parametrize(
    ("files", "asked"),
    [
        ({"b_yaml": CONFIG, "a_yaml": CONFIG}, "# ? config_file: ...  # which file does it read: a.yaml, b.yaml? "),
        ({}, "# ? config_file: ...  # which file does it read? `sweep init train.py -- FILE` writes its settings, too"),
        ({"other_json": "{}", "data__a_yaml": CONFIG}, "# ? config_file: ...  # which file does it read? "),
        ({"e_yaml": "trainer: a:b\nsweeps: {}\n", "environment_yml": "name: optim\n"}, "# ? config_file: ...  # which file does it read? "),
    ],
)  # fmt: skip
def test_of_several_or_none_it_is_a_question(tmp_path, files, asked):
    made, content = drafted(tmp_path, ARGV, **files)
    assert content["trainer"]["command"] == ["python", "train.py", "{trial_config}"]
    assert asked in made.text
    assert (made.asks_config, "config_file" in content["trainer"]) == (True, False)


def test_a_file_with_keys_that_the_script_names_is_taken_before_others(tmp_path):
    _, content = drafted(tmp_path, ARGV, a_yaml="x: 1\n", b_yaml=CONFIG)
    assert content["trainer"]["config_file"] == "b.yaml"


def test_an_option_without_a_value_that_is_opened_anyway_needs_the_file_too(tmp_path):
    _, content = drafted(tmp_path, NAMED.format(""), a_yaml=CONFIG)
    assert content["trainer"]["config_file"] == "a.yaml"
    assert content["defaults"]["setup"] == "{trial_config}"
    made, content = drafted(tmp_path, NAMED.format("if args.setup:\n    "), a_yaml=CONFIG)
    assert ("config_file" in content["trainer"], made.asks_config) == (False, False)


def test_a_key_that_another_option_has_leaves_the_file_to_be_typed(tmp_path):
    script = "import sys, yaml\nepochs = int(sys.argv[2])\ncfg = yaml.safe_load(open(sys.argv[1]))\n"
    made, content = drafted(tmp_path, script, a_yaml=CONFIG)
    assert ("config_file" in content["trainer"], made.missing) == (False, ("argument_1", "epochs"))
