from tests.sweeps.authoring.scripts import interface

SCRIPT = """
import argparse
from tools import add_all, of_the_model

def parser():
    values = dict(lr=1e-3, note="", clip=None)
    values.update(of_the_model())
    made = argparse.ArgumentParser()
    made.add_argument("--data", required=True)
    add_all(made, values)
    return made

args = parser().parse_args()
"""
TOOLS = """
def of_the_model():
    found = {"depth": 4, "bias": True}
    return found

def add_all(parser, values):
    for name, value in values.items():
        parser.add_argument(f"--{name}", default=value, type=type(value))
"""


def test_a_mapping_of_defaults_is_followed_through_functions_and_updates(tmp_path):
    found = interface(tmp_path, SCRIPT, tools=TOOLS)
    assert found.kind == "argparse"
    assert {one.key: one.default for one in found.options} == {
        "data": None,
        "lr": 0.001,
        "note": "",
        "clip": None,
        "depth": 4,
        "bias": True,
    }
    assert next(one for one in found.options if one.key == "bias").booleans == ("True", "False")
    assert next(one for one in found.options if one.key == "data").is_required


def test_a_loop_that_adds_no_options_is_none(tmp_path):
    found = interface(tmp_path, SCRIPT, tools=TOOLS.replace("parser.add_argument", "print"))
    assert [one.key for one in found.options] == ["data"]
