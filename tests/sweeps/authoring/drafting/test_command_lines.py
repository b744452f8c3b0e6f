import yaml

from sweeps.authoring.drafting.draft import draft
from sweeps.authoring.drafting.facts import Facts
from sweeps.authoring.interface import interface_of
from tests.sweeps.authoring.scripts import HEAD, drafted, script_of, trainer


def test_positions_come_first_and_what_is_missing_is_asked_for_by_the_command(tmp_path):
    text = (
        HEAD
        + "p.add_argument('--out-of', required=True)\np.add_argument('data')\np.add_argument('--lr', type=float, default=1)\n"
    )
    assert trainer(tmp_path, text)["command"] == [
        "python",
        "train.py",
        "{data}",
        "--out-of",
        "{out_of}",
        "{args}",
    ]
    assert trainer(tmp_path, text)["args"] == {"style": "argparse", "dashes": True}
    assert drafted(tmp_path, text).missing == ("out_of", "data")


def test_words_that_are_no_options_keep_their_place(tmp_path):
    text = (
        HEAD
        + "p.add_argument('data', default='x', nargs='?')\np.add_argument('--lr', type=float, default=1)\n"
    )
    facts = Facts("train.py", interface_of(script_of(tmp_path, text)), before=("a{b",), after=("c",))
    command = yaml.safe_load(draft(facts).text)["trainer"]["command"]
    assert command == ["python", "train.py", "{data}", "a{{b", "{args}", "c"]
