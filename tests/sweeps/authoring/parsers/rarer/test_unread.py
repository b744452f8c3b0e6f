import pytest

from tests.sweeps.authoring.scripts import drafted, interface


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("import getopt, sys\nfound, rest = getopt.getopt(sys.argv[1:], 'e:')\n", "getopt"),
        ("import gin\ngin.parse_config_files_and_bindings(files, bindings)\n", "gin"),
        ("import sys\nfrom elsewhere import start\nstart(sys.argv[1:])\n", "sys.argv"),
        ("from fastcore.script import call_parse\n@call_parse\ndef main(lr=0.1): pass\n", "fastcore"),
        ("from elsewhere import make_parser\nargs = make_parser().parse_args()\n", "a parser"),
        ("import argparse\nfrom elsewhere import make\nargs = make(argparse).parse_args()\n", "argparse"),
        ("import sys\ndef parse_args():\n    return use(sys.argv[1:])\nargs = parse_args()\n", "sys.argv"),
    ],
)
def test_a_command_line_that_nothing_reads_is_said_to_be_one(tmp_path, text, kind):
    assert interface(tmp_path, text).kind == kind
    shown = drafted(tmp_path, text).text
    assert "options its source does not show here" in shown
    assert f"it has options through {kind}" in shown
    assert "takes no options" not in shown


def test_options_of_a_usual_parser_can_be_set_all_the_same(tmp_path):
    text = "from elsewhere import make_parser\nargs = make_parser().parse_args()\n"
    assert 'command: [python, train.py, "{args}"]' in drafted(tmp_path, text).text
    by_hand = drafted(tmp_path, "import getopt, sys\ngetopt.getopt(sys.argv[1:], 'e:')\n").text
    assert "command: [python, train.py]" in by_hand
    assert 'write each into the command, as "--lr", "{lr}"' in by_hand
    for shown in (by_hand, drafted(tmp_path, text).text):
        assert "under `defaults:` at the top level of this file" in shown
        assert "\ndefaults: {}  # its settings, as" in shown


def test_a_script_that_reads_no_words_takes_no_options(tmp_path):
    assert interface(tmp_path, "print(1)\n").kind == "nothing"
    assert "takes no options" in drafted(tmp_path, "print(1)\n").text
