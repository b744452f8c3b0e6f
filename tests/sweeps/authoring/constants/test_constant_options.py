import ast

import pytest

from sweeps.authoring.constants.constant_options import names_set, read
from sweeps.authoring.interface import interface_of
from tests.sweeps.authoring.scripts import script_of

TEXT = """
import csv
lr = 0.1        # the rate
MODE = "fast"
RESULTS = "results.csv"
total = 0
N: int = 1 << 5
data = load()
for i in range(3):
    total += i
later = 5
LATER = 6
def f():
    inner = 7
"""


def test_constants_in_capitals_and_names_that_are_set_once_at_the_top_are_settings(tmp_path):
    found = read(script_of(tmp_path, TEXT))
    assert [(option.key, option.default, option.flag) for option in found.options] == [
        ("lr", 0.1, "lr"),
        ("MODE", "fast", "MODE"),
        ("N", 32, "N"),
        ("LATER", 6, "LATER"),
    ]
    assert found.options[0].help == "the rate"
    assert (found.style, found.runner) == ("literal", "with_constants.py")


@pytest.mark.parametrize("text", ["print(1)\n", 'NAME = "a"\n', "N = compute()\n", "def f():\n    N = 3\n"])
def test_a_script_without_numbers_at_its_top_has_none(tmp_path, text):
    assert read(script_of(tmp_path, text)) is None


def test_options_come_before_constants(tmp_path):
    text = "import argparse\nN = 3\np = argparse.ArgumentParser()\np.add_argument('--lr', type=float)\n"
    assert interface_of(script_of(tmp_path, text)).kind == "argparse"


def test_every_name_at_the_top_can_be_set():
    names = names_set(ast.parse(TEXT))
    assert {"total", "later", "data", "N"} <= names
    assert names.isdisjoint({"inner", "i", "csv"})
