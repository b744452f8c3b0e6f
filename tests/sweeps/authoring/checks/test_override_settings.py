"""What `sweep check` says of settings that a script takes as KEY=VALUE."""

import json

import pytest

from tests.folders import write_files
from tests.sweeps.specs import run_sweep

SCRIPT = """
import argparse, configparser
p = argparse.ArgumentParser()
p.add_argument("--config")
p.add_argument({flag}, {how}, default=[], help="KEY=VALUE")
args = p.parse_args()
cfg = configparser.ConfigParser()
cfg.read(args.config)
"""
INI = "[model]\nC = 1.0\nkernel = rbf\n[data]\nrandom_seed = 0\n"


@pytest.fixture
def check(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def checked(sweep, args="", flag="'--set'", how="action='append'", ini=INI):
        command = "command: [python, train.py, --config, base.ini, '{args}']"
        write_files(
            tmp_path,
            {
                "train.py": SCRIPT.format(flag=flag, how=how),
                "base.ini": ini,
                "e.yaml": f"trainer: {{{command}{args}}}\nsweeps: {{a: {sweep}}}\n",
            },
        )
        done = run_sweep("check", "e.yaml", "--json")
        assert done.code == 0, done.err
        return [told.partition("sweeps.a.")[2] for told in json.loads(done.out).get("warnings", [])]

    return checked


def test_a_key_of_the_config_is_told_how_it_is_spelled(check):
    said = "--set takes KEY=VALUE: write `args: {style: overrides, prefix: '--set='"
    assert check("{grid: {model.C: [1, 2]}, seeds: 2}") == [
        f"grid.model.C: train.py has no option --model.C; {said}}}`",
        f"seeds: train.py has no option --seed; {said}, keys: {{seed: '--set=data.random_seed'}}}}`",
    ]
    (told,) = check("{set: {model.C: 2}}", flag="'--opts'", how="nargs='*'")
    assert told.endswith("write `args: {style: overrides}`, with --opts before '{args}' in the command")
    (told,) = check("{seeds: 2}", ini="[model]\nC = 1\n")
    assert told.startswith("seeds: train.py has no option --seed; `args: {keys: {seed: none}}` keeps")


@pytest.mark.parametrize(
    ("flag", "args"),
    [
        ("'--set'", "{style: overrides, prefix: '--set='}"),
        ("'--set'", "{style: hydra, prefix: '--set='}"),
        ("'-o'", "{style: overrides, prefix: '-o'}"),
    ],
)
def test_a_key_that_the_config_does_not_have_is_told_with_the_nearest(check, flag, args):
    args = f", args: {args}"
    told = check("{grid: {model.kernle: [a, b]}, set: {model.C: a}, seeds: 2}", args, flag)
    prefix = args[args.index("prefix: ") + 9 : -2]
    assert sorted(told) == [
        "grid.model.kernle: base.ini has no key model.kernle; did you mean 'model.kernel'?",
        f"seeds: base.ini has no key seed, but data.random_seed: write `seed: '{prefix}data.random_seed'` below `args: {{keys: ...}}`",
        "set.model.C: base.ini has model.C as a number, like 1.0, which 'a' is not",
    ]
    assert check("{grid: {model.kernel: [a, '1'], other: [1, 2]}}", args, flag) == []
