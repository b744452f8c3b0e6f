from pathlib import Path

from sweeps.authoring.constants.runner import NAME, TEXT, is_runner

EXAMPLE = Path(__file__).parents[4] / "examples" / "constants"


def test_the_example_has_the_file_that_init_writes():
    assert (EXAMPLE / NAME).read_text() == TEXT


def test_a_runner_is_known_by_its_first_line():
    assert is_runner(TEXT)
    assert is_runner(TEXT + "# changed\n")
    assert not is_runner("import sys\n")
    assert not is_runner("")
