"""Which options a script opens as a config file."""

import pytest

from sweeps.authoring.given.config_reads import config_options
from sweeps.authoring.interface import interface_of
from tests.sweeps.authoring.scripts import script_of

ARGPARSE = "import argparse\np = argparse.ArgumentParser()\np.add_argument('what')\np.add_argument('--other', dest='other')\nargs = p.parse_args()\n"


def reads(folder, text):
    script = script_of(folder, text)
    found = config_options(script, interface_of(script))
    return [(option.key, sorted(endings)) for option, endings in found]


@pytest.mark.parametrize(
    ("text", "endings"),
    [
        ("import yaml\nyaml.safe_load(open(args.what))", [".yaml", ".yml"]),
        ("import yaml\nyaml.load(open(args.what), Loader=yaml.FullLoader)", [".yaml", ".yml"]),
        ("import json\njson.load(open(args.what))", [".json"]),
        ("import json\nfrom pathlib import Path\njson.loads(Path(args.what).read_text())", [".json"]),
        ("import tomllib\nwith open(args.what, 'rb') as f:\n    tomllib.load(f)", [".toml"]),
        ("from omegaconf import OmegaConf\nOmegaConf.load(args.what)", [".yaml", ".yml"]),
        ("cfg.merge_from_file(args.what)", [".yaml", ".yml"]),
        ("from ruamel.yaml import YAML\ny = YAML(typ='safe')\ny.load(open(args.what))", [".yaml", ".yml"]),
        ("import json, yaml\nyaml.safe_load(open(args.what))\njson.load(open(args.what))", [".json", ".yaml", ".yml"]),
    ],
)  # fmt: skip
def test_an_option_that_is_loaded_is_one_whatever_it_is_called(tmp_path, text, endings):
    assert reads(tmp_path, ARGPARSE + text + "\n") == [("what", endings)]


def test_what_is_read_in_another_way_is_none(tmp_path):
    assert reads(tmp_path, f"{ARGPARSE}import torch\ntorch.load(args.what)\nopen(args.other).read()\n") == []


def test_words_of_sys_argv_are_known_by_their_places(tmp_path):
    text = "import sys, yaml\nout = sys.argv[1]\nyaml.safe_load(open(sys.argv[-1]))\nn = int(sys.argv[2])\n"
    assert reads(tmp_path, text) == [("n", [".yaml", ".yml"])]
