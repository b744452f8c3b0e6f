from dataclasses import replace

import pytest

from sweeps.authoring.checks.taken.configurator_names import compares_types, options_of, reader_of
from tests.sweeps.authoring.scripts import script_of

TEXT = """
import os
from math import pi as circle
lr = 0.1
def f(): ...
for n in range(3): ...
exec(open('configurator.py').read())
later = 1
"""
STRICT = """
import sys
for word in sys.argv[1:]:
    key, value = word.split("=")
    if key in globals():
        globals()[key] = value
    else:
        raise ValueError(key)
"""


def known(folder, text=TEXT, reader=STRICT, words=(), **others):
    script = script_of(folder, text, configurator=reader, **others)
    return options_of(replace(script, words=tuple(words)), folder)


def test_any_name_that_is_bound_before_is_one(tmp_path):
    found = known(tmp_path)
    assert {"--lr", "--os", "--circle", "--f", "--n", "--sys", "--key"} <= found
    assert not {"--later", "--seed"} & found


def test_a_config_file_of_the_command_binds_names_too(tmp_path):
    found = known(tmp_path, words=["a.py", "--lr=1"], a="import time\nif time:\n    more = 1\n")
    assert {"--time", "--more"} <= found
    assert known(tmp_path, words=["{config}"]) is None
    assert known(tmp_path, words=["a.py"], a="def (") is None


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        (TEXT, STRICT.replace("raise ValueError(key)", "print(key)")),
        (TEXT, "import sys\n"),
        (TEXT, "from more import *\n" + STRICT),
        ("from common import *\n" + TEXT, STRICT),
        ("globals().update(x=1)\n" + TEXT, STRICT),
        (TEXT.replace("'configurator.py'", "name()"), STRICT),
        (TEXT.replace("configurator.py", "elsewhere.py"), STRICT),
        ("lr = 1\n", STRICT),
    ],
)
def test_a_doubt_is_silence(tmp_path, text, reader):
    assert known(tmp_path, text, reader) is None


def test_whether_types_are_compared_stands_in_the_reader(tmp_path):
    asserted = STRICT.replace(
        "globals()[key] =", "assert type(value) == type(globals()[key])\n        globals()[key] ="
    )
    for reader, is_so in ((asserted, True), (STRICT, False)):
        assert compares_types(reader_of(script_of(tmp_path, TEXT, configurator=reader), tmp_path)) is is_so
