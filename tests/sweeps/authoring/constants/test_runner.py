import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sweeps.authoring.constants.runner import NAME, TEXT, is_runner
from sweeps.program.arguments import spelled
from sweeps.spec.trainer.arguments import STYLES, Arguments

EXAMPLE = Path(__file__).parents[4] / "examples" / "constants"


def test_the_example_has_the_file_that_init_writes():
    assert (EXAMPLE / NAME).read_text() == TEXT


def test_a_runner_is_known_by_its_first_line():
    assert is_runner(TEXT)
    assert is_runner(TEXT + "# changed\n")
    assert not is_runner("import sys\n")
    assert not is_runner("")


@pytest.mark.parametrize(
    ("value", "seen"),
    [("large", "large"), ("max", "max"), ("data/x y.txt", "data/x y.txt"), ("5", "5"), ("None", "None"), ("a'b", "a'b"), (True, True)],
)  # fmt: skip
@pytest.mark.parametrize("constant", ["NAME = 'base'", "NAME: str = 'base'", "NAME = None"])
def test_a_text_reaches_a_constant_that_is_one_as_it_stands_in_the_file(tmp_path, constant, value, seen):
    assert printed(tmp_path, constant, value) == repr(seen)


@pytest.mark.parametrize(
    ("constant", "value", "seen"),
    [("LR = 0.1", 0.3, 0.3), ("F = abs", "max", max), ("S = [1]", [2, "a"], [2, "a"])],
)  # fmt: skip
def test_another_constant_gets_what_an_expression_gives(tmp_path, constant, value, seen):
    assert printed(tmp_path, constant, value) == repr(seen)


def test_a_word_typed_by_hand_may_be_an_expression(tmp_path):
    assert ran(tmp_path, "LR = 0.1", "LR", "LR=1/4") == "0.25"


def printed(folder, constant, value):
    """What a script prints of its constant that is set to a value of the file."""
    name = constant.partition(" ")[0].removesuffix(":")
    words = spelled(Arguments("literal", replace(STYLES["literal"], prefix="")), name, value)
    return ran(folder, constant, name, *words)


def ran(folder, constant, name, *words):
    (folder / "train.py").write_text(f"{constant}\nprint(repr({name}))\n")
    (folder / NAME).write_text(TEXT)
    done = subprocess.run(
        [sys.executable, NAME, "train.py", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")
