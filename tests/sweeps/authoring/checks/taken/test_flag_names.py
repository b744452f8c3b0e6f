import pytest

from sweeps.authoring.checks.taken.flag_names import options_of
from sweeps.authoring.interface import interface_of
from tests.sweeps.authoring.scripts import script_of

TEXT = """
import os
import numpy as np
from absl import app, flags
from near import helper
flags.DEFINE_float("lr", 0.1, "the rate")
flags.DEFINE_bool("amp", True, "whether")
app.run(main)
"""
NEAR = "from absl import flags\nflags.DEFINE_integer('depth', 2, 'how deep')\ndef helper(): ...\n"


def found(folder, text=TEXT, near=NEAR):
    script = script_of(folder, text, near=near)
    return options_of(script, interface_of(script))


def test_flags_of_the_script_of_files_beside_it_and_of_absl_are_known(tmp_path):
    assert {"--lr", "-lr", "--noamp", "--depth", "--flagfile", "--v"} <= found(tmp_path)
    assert "--seed" not in found(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import os", "import tensorflow_datasets"),
        ("app.run(main)", "app.run(main, flags_parser=mine)"),
        ("app.run(main)", "flags.FLAGS(words, known_only=True)"),
        ("app.run(main)", "for n in 'ab':\n    flags.DEFINE_float(n, 0.1, 'x')"),
        ("app.run(main)", "flags.DEFINE_alias('rate', 'lr')"),
        ("from near import helper", "from broken import helper"),
    ],
)
def test_a_doubt_is_silence(tmp_path, old, new):
    assert found(tmp_path, TEXT.replace(old, new)) is None
