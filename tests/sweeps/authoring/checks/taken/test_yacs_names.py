"""The keys of a yacs config, where all of them are sure."""

import pytest

from sweeps.authoring.checks.taken.known import known_of
from sweeps.authoring.script import ScriptReader
from tests.sweeps.authoring.scripts import script_of

SCRIPT = """
import argparse
from yacs.config import CfgNode as CN
_C = CN()
_C.EPOCHS = 5
_C.SOLVER = CN()
_C.SOLVER.LR = 0.1
_C.WEIGHTS = None
{}
p = argparse.ArgumentParser()
p.add_argument("opts", nargs=argparse.REMAINDER)
_C.merge_from_list(p.parse_args().opts)
"""


def known(folder, more=""):
    script_of(folder, SCRIPT.format(more))
    return known_of(folder / "train.py", (), ScriptReader(folder))


def test_keys_and_the_types_of_their_values_are_those_of_the_defaults(tmp_path):
    found = known(tmp_path)
    assert {name for name in ("EPOCHS", "SOLVER.LR", "SOLVER", "LR", "seed") if found.takes(name)} == {
        "EPOCHS",
        "SOLVER.LR",
        "SOLVER",
    }
    assert found.what == "key"
    assert (
        found.value_trouble("SOLVER.LR", ["1"])
        == "train.py takes SOLVER.LR as float, like 0.1, which 1 is not"
    )
    assert not any(found.value_trouble(*one) for one in [("SOLVER.LR", ["1.0"]), ("EPOCHS", ["None"]), ("WEIGHTS", ["a"])])  # fmt: skip


@pytest.mark.parametrize(
    "more",
    ["_C.set_new_allowed(True)", "_C.X = CN(new_allowed=True)", "_C.X = CN({'a': 1})", "_C['X'] = 1", "setattr(_C, 'x', 1)"],
)  # fmt: skip
def test_where_there_may_be_others_nothing_is_sure(tmp_path, more):
    assert known(tmp_path, more) is None
