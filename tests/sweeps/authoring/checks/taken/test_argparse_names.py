"""Options that a script of argparse surely has; a doubt is silence."""

import pytest

from sweeps.authoring.checks.taken.argparse_names import options_of
from tests.sweeps.authoring.scripts import script_of

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
        HEAD + LR + "sub = parser.add_subparsers()\n" + END,
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
