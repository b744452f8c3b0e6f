"""The options of a subcommand that a script of argparse surely has; a doubt is silence."""

import subprocess
import sys

import pytest

from sweeps.authoring.checks.taken.argparse_names import options_of
from sweeps.authoring.checks.taken.subcommand_names import subcommands_of
from sweeps.authoring.script import read_script

HEAD = "import argparse, sys\nparser = argparse.ArgumentParser()\nparser.add_argument('--quiet')\n"
SUB = "sub = parser.add_subparsers(dest='what', required=True)\n"
RUN = "run = sub.add_parser('run', aliases=['go'], help='x')\ngroup = run.add_argument_group('g')\ngroup.add_argument('--lr')\n"
PLOT = "plot = sub.add_parser('plot')\nplot.add_argument('--dpi')\nlater = plot.add_argument_group('g')\nlater.add_argument('--font')\n"
TURNS = (
    "p = sub.add_parser('run')\np.add_argument('--lr')\np = sub.add_parser('plot')\np.add_argument('--dpi')\n"
)
END = "args = parser.parse_args()\n"


def built(body):
    """The same, made by a function that the script's `main(argv=None)` calls."""
    lines = "".join(f"    {line}\n" for line in (*body.splitlines(), "return parser"))
    return f"import argparse, sys\ndef build():\n{lines}def main(argv=None):\n    args = build().parse_args(argv)\n"


@pytest.fixture
def script_with(tmp_path):
    def read(text, *words):
        (tmp_path / "sim.py").write_text(text)
        return read_script(tmp_path / "sim.py", words=words)

    return read


MAIN = built(HEAD + SUB + RUN + PLOT) + "if __name__ == '__main__':\n    sys.exit(main())\n"


@pytest.mark.parametrize("text", [HEAD + SUB + RUN + PLOT + END, MAIN])
def test_the_options_are_those_of_the_subcommand_that_is_typed(script_with, text):
    of_run = {"-h", "--help", "--quiet", "--no-quiet", "--lr", "--no-lr"}
    assert options_of(script_with(text, "run")) == of_run
    assert options_of(script_with(text, "go", "x")) == of_run
    assert "--lr" not in options_of(script_with(text, "plot"))
    assert {"--dpi", "--font"} <= options_of(script_with(text, "plot"))


def test_what_is_said_to_be_no_option_is_refused_by_the_script(script_with, tmp_path):
    options = options_of(script_with(MAIN, "run"))
    for option in ("--lr", "--dpi", "--font", "--seed"):
        done = subprocess.run(
            [sys.executable, tmp_path / "sim.py", "run", option, "1"], check=False, capture_output=True
        )
        assert (done.returncode == 0) == (option in options), option


def test_a_variable_that_holds_one_parser_after_the_other_has_the_options_of_all(script_with):
    assert {"--lr", "--dpi"} <= options_of(script_with(HEAD + SUB + TURNS + END, "run"))


def test_a_subcommand_without_options_has_none(script_with):
    text = HEAD + SUB + RUN + "sub.add_parser('list')\n" + END
    assert options_of(script_with(text, "list")) == {"-h", "--help", "--quiet", "--no-quiet"}


@pytest.mark.parametrize(
    "text",
    [
        HEAD + SUB + RUN.replace("'run'", "name") + END,
        HEAD + SUB + RUN.replace("['go']", "names") + END,
        HEAD + SUB + RUN.replace("help='x'", "parents=[parser]") + END,
        HEAD + SUB + RUN.replace("help='x'", "**more") + END,
        HEAD + SUB.replace("required=True", "parser_class=Mine") + RUN + END,
        HEAD + SUB + SUB.replace("sub ", "other ") + RUN + END,
        HEAD + SUB + RUN + "more(sub.add_parser('plot'))\n" + END,
        HEAD + SUB + RUN + "more(run)\n" + END,
        HEAD + SUB + RUN + "run = other\n" + END,
        HEAD + SUB.replace("parser.", "build().") + RUN + END,
        HEAD + "add = parser.add_subparsers\nsub = add()\n" + RUN + END,
        MAIN.replace("main())", "main(sys.argv[1:]))"),
        MAIN.replace("main())", "main(['run']))"),
        MAIN.replace("    args = build()", "    argv = argv or words\n    args = build()"),
        MAIN.replace("argv=None", "argv=('run',)"),
        MAIN + "start = main\n",
    ],
)
def test_a_doubt_is_silence(script_with, text):
    assert options_of(script_with(text, "run")) is None


def test_a_command_that_names_no_subcommand_is_a_doubt(script_with):
    assert options_of(script_with(HEAD + SUB + RUN + END, "lr")) is None
    assert subcommands_of(script_with(HEAD + SUB + RUN + END)).chosen(["lr"]) is None
