"""Options that a script surely does not have, and values that it refuses, are told; a doubt is silence."""

import json

import pytest

from sweeps.authoring.checks.refused_settings import options_of
from tests.sweeps.authoring.scripts import script_of
from tests.sweeps.specs import run_sweep

HEAD = "import argparse\nparser = argparse.ArgumentParser(description='x')\n"
LR = "parser.add_argument('--lr', '-l', type=float)\n"
END = "args = parser.parse_args()\n"


@pytest.mark.parametrize(
    "text",
    [
        HEAD + LR + END,
        HEAD.replace("argparse.Arg", "Arg").replace("import argparse", "from argparse import ArgumentParser")
        + LR
        + END,
        "def options():\n"
        + "".join(f"    {line}\n" for line in (HEAD + LR + "return parser").splitlines())
        + "p = options()\nargs = p.parse_args()\n",
        HEAD + "group = parser.add_argument_group('g')\ngroup.add_argument('-l', '--lr')\n" + END,
        HEAD + "if True:\n    parser.add_argument('--lr', '-l')\nparser.set_defaults(lr=1)\n" + END,
    ],
)
def test_options_that_are_all_written_out_are_known(tmp_path, text):
    assert options_of(script_of(tmp_path, text)) == {"-h", "--help", "--lr", "-l", "--no-lr"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "import argparse\n",
        HEAD + LR,
        HEAD + LR + "args, rest = parser.parse_known_args()\n",
        HEAD + LR + "args = parser.parse_args(['--lr', '1'])\n",
        HEAD + LR + "import sys\nargs = parser.parse_args(sys.argv[2:])\n",
        HEAD + LR + "parser.add_argument(*names)\n" + END,
        HEAD + LR + "for n in 'ab':\n    parser.add_argument(f'--{n}')\n" + END,
        HEAD + LR + "add = parser.add_argument\nadd('--x')\n" + END,
        HEAD + LR + "parser.add_subparsers()\n" + END,
        HEAD + LR + "pl.Trainer.add_argparse_args(parser)\n" + END,
        HEAD + LR + "parser = Model.add_args(parser)\n" + END,
        HEAD + LR + "other = argparse.ArgumentParser(parents=[parser])\n" + END,
        HEAD + LR + "exec(open('more.py').read())\n" + END,
        HEAD + LR + "parser.register('x', 'y', z)\n" + END,
        HEAD.replace("description", "prefix_chars") + LR + END,
        HEAD.replace("description='x'", "**more") + LR + END,
        "from common import *\n" + HEAD + LR + END,
        "class MyParser(argparse.ArgumentParser): pass\n" + HEAD + LR + END,
        "import configargparse as argparse\n" + HEAD.partition("\n")[2] + LR + END,
        HEAD + LR + "self.parser = parser\n" + END,
        HEAD + "def more(parser):\n    parser.add_argument('--lr')\nmore(parser)\n" + END,
        HEAD + LR + "import sys\nif len(sys.argv) > 1: pass\n" + END,
    ],
)
def test_a_doubt_is_silence(tmp_path, text):
    assert options_of(script_of(tmp_path, text)) is None


@pytest.fixture
def check(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = HEAD + LR + "parser.add_argument('data')\nparser.add_argument('--batch_size')\n"
    text += "parser.add_argument('--amp', action=argparse.BooleanOptionalAction, default=True)\n"
    text += "parser.add_argument('--ema', action=argparse.BooleanOptionalAction, default=False)\n"
    text += "parser.add_argument('--epochs', type=int)\nparser.add_argument('--dims', type=int, nargs='+')\n"
    text += "parser.add_argument('--width', type=int, choices=[1, 2])\nparser.add_argument('--opt', choices=['a'])\n"
    text += (
        "parser.add_argument('--beta', type=positive)\nparser.add_argument('--tag', action='append', type=int)\n"
        + END
    )
    (tmp_path / "train.py").write_text(text)

    def checked(trainer, sweep):
        command = "command: [python, train.py, x, '{args}']"
        text = f"trainer: {{{trainer or command}}}\nsweeps: {{a: {sweep}}}\n"
        (tmp_path / "e.yaml").write_text(text)
        done = run_sweep("check", "e.yaml", "--json")
        assert done.code == 0, done.err
        return json.loads(done.out).get("warnings", [])

    return checked


def test_a_setting_without_an_option_is_told_once_with_its_place_and_the_nearest(check):
    (told,) = check("", "{grid: {lrr: [1, 2], batch_size: [1, 2]}}")
    assert told.startswith("e.yaml:2:")
    assert told.endswith(
        "sweeps.a.grid.lrr: train.py has no option --lrr; did you mean '--lr'? "
        "`args: {keys: {lrr: none}}` keeps it from the program"
    )
    assert (
        "has no option --seed; `args: {keys: {seed: none}}` keeps"
        in check("", "{grid: {lr: [1, 2]}, seeds: 2}")[0]
    )


def test_false_of_a_flag_that_is_on_is_told_unless_it_is_spelled(check):
    (told,) = check("", "{grid: {amp: [true, false], ema: [true, false]}}")
    assert told.endswith(
        "sweeps.a.grid.amp: false only leaves --amp out, which is on in train.py then; "
        "write `args: {keys: {amp: {booleans: no-flag}}}`"
    )
    spelt = "command: [python, train.py, x, '{args}'], args: {booleans: no-flag}"
    assert check(spelt, "{grid: {amp: [true, false]}}") == []


@pytest.mark.parametrize(
    ("sweep", "told"),
    [
        ("{grid: {lr: [1, fast]}}", "sweeps.a.grid.lr: train.py takes --lr as float, which fast is not"),
        ("{set: {epochs: 1e3}}", "sweeps.a.set.epochs: train.py takes --epochs as int, which 1000.0 is not"),
        ("{set: {epo: 0.5}}", "sweeps.a.set.epo: train.py takes --epochs as int, which 0.5 is not"),
        ("{set: {width: 3}}", "sweeps.a.set.width: train.py takes --width as one of 1, 2; 3 is none"),
        ("{set: {opt: b}}", "sweeps.a.set.opt: train.py takes --opt as one of a; b is none"),
    ],
)
@pytest.mark.parametrize("style", ["argparse", "absl"])
def test_a_value_that_an_option_refuses_is_told(check, style, sweep, told):
    (warning,) = check(f"command: [python, train.py, x, '{{args}}'], args: {style}", sweep)
    assert warning.startswith("e.yaml:2:")
    assert warning.endswith(told)


def test_each_value_of_a_list_is_looked_at(check):
    (warning,) = check("", "{set: {dims: [1, x]}}")
    assert warning.endswith("sweeps.a.set.dims: train.py takes --dims as int, which x is not")


@pytest.mark.parametrize(
    ("trainer", "sweep"),
    [
        ("", "{grid: {lr: [1, 2], batch: [1, 2]}}"),  # argparse takes the beginning of an option
        ("", "{set: {quiet: false, other: null}}"),
        ("", "{grid: {lr: [1e-3, 1, '.5'], epochs: [10], dims: [[1, 2]], width: [1], opt: [a], beta: [x]}}"),
        (
            "command: [python, train.py, '{args}'], args: {keys: {tag: {list: repeat}}}",
            "{set: {tag: [1, 2]}}",
        ),
        ("command: [python, train.py, '{args}', '{lrr}']", "{grid: {lrr: [1, 2]}}"),
        ("command: [python, train.py, '{args}'], args: {keys: {lrr: none}}", "{grid: {lrr: [1, 2]}}"),
        ("command: [python, train.py, '{args}'], args: {keys: {lrr: lr}}", "{grid: {lrr: [1, 2]}}"),
        ("command: [python, train.py, '{args}'], args: {keys: {lrr: -l}}", "{grid: {lrr: [1, 2]}}"),
        ("command: [torchrun, train.py, '{args}']", "{grid: {lrr: [1, 2]}}"),
        ("command: [python, '{args}', train.py]", "{grid: {lrr: [1, 2]}}"),
    ],
)
def test_what_is_taken_or_not_passed_is_not_told(check, monkeypatch, tmp_path, trainer, sweep):
    (tmp_path / "torchrun").write_text("#!/bin/sh\n")
    (tmp_path / "torchrun").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert check(trainer, sweep) == []
