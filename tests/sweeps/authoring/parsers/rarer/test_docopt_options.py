from tests.sweeps.authoring.scripts import drafted, interface, options

USAGE = '''
"""Fits a model.

Usage:
  train.py fit <corpus> --name=<text> [--depth=<n>] [options]
  train.py show <corpus>

Options:
  -h --help             Show this.
  -r, --rate=<x>        How fast it learns
                        [default: 0.05].
  --epochs=<n>          How long [default: 12].
  --quick               A short run.
  --note=<text>         Anything.
"""
from docopt import docopt

args = docopt(__doc__)
'''


def test_the_usage_tells_options_arguments_and_the_command_that_trains(tmp_path):
    found = interface(tmp_path, USAGE)
    assert (found.kind, found.before) == ("docopt", ("fit",))
    shown = {one.key: (one.flag, one.default, one.kind, one.is_required) for one in found.options}
    assert shown == {
        "corpus": ("", None, "", True),
        "rate": ("--rate", 0.05, "float", False),
        "epochs": ("--epochs", 12, "int", False),
        "quick": ("--quick", False, "bool", False),
        "note": ("--note", None, "", False),
        "name": ("--name", None, "", True),
        "depth": ("--depth", None, "", False),
    }
    assert options(tmp_path, USAGE)["rate"].aliases == ("-r",)
    assert options(tmp_path, USAGE)["rate"].help == "How fast it learns."


def test_its_file_asks_for_what_is_needed_and_knows_how_long_it_trains(tmp_path):
    text = drafted(tmp_path, USAGE).text
    assert 'command: [python, train.py, fit, "{corpus}", "--name", "{name}", "{args}"]' in text
    assert "epochs: epochs" in text


def test_a_usage_that_the_source_does_not_have_is_asked_for(tmp_path):
    found = interface(tmp_path, "from docopt import docopt\nargs = docopt(open('usage.txt').read())\n")
    assert found.options == ()
    assert "its usage is no text of the source" in found.comments[0]
