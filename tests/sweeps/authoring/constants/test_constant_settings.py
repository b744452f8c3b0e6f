from pathlib import Path

import pytest

from sweeps.authoring.constants.runner import NAME, TEXT
from sweeps.commands.request import Request
from sweeps.commands.session import open_session
from sweeps.errors import SpecError

SCRIPT = "LR = 0.1\nSEED = 0\nfor epoch in range(3):\n    print(f'epoch {epoch} loss {LR:.3f}')\n"
FILE = """
experiment: e
trainer:
  command: [python, with_constants.py, train.py, "{args}"]
  args: {style: literal, prefix: "", keys: {KEYS}}
  metrics: [{stdout: 'epoch (?P<epoch>\\d+) loss (?P<loss>\\S+)'}]
sweeps:
  a:
    grid: {GRID: [0.1, 0.3]}
    seeds: [0, 1]
"""


@pytest.fixture
def checked(tmp_path, monkeypatch):
    """What is wrong with a file, as `sweep check` says it; empty: nothing."""
    monkeypatch.chdir(tmp_path)

    def of(keys="seed: SEED", grid="LR", script=SCRIPT, runner=TEXT, file=FILE, **more):
        Path(NAME).write_text(runner)
        Path("train.py").write_text(script)
        Path("e.yaml").write_text(file.replace("KEYS", keys).replace("GRID", grid))
        try:
            open_session(Request(Path("e.yaml"), **more), with_record=False)
        except SpecError as error:
            return str(error)
        return ""

    return of


def test_settings_for_which_the_script_has_constants_are_fine(checked):
    assert checked() == ""


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"keys": ""}, "seeds: train.py sets no seed at its top, so that each trial would fail; write `keys: {seed: SEED}`"),
        ({"keys": "", "script": SCRIPT.replace("SEED", "N")}, "or write `keys: {seed: none}` into `args` for plain repeats"),
        ({"grid": "LRR"}, "a.grid.LRR: train.py sets no LRR at its top, so that each trial would fail; did you mean 'LR'?"),
    ],
)  # fmt: skip
def test_a_setting_without_a_constant_is_refused(checked, asked, expected):
    assert expected in checked(**asked)


def test_seeds_of_the_command_line_are_refused_too(checked):
    script = SCRIPT.replace("SEED", "N")
    assert "--seeds: train.py sets no seed" in checked(
        "", script=script, file=FILE.replace("    seeds: [0, 1]\n", ""), seeds=3
    )


def test_plain_repeats_may_be_asked_for(checked):
    assert checked("seed: none", script=SCRIPT.replace("SEED", "N")) == ""


def test_another_file_of_that_name_is_no_matter_of_ours(checked):
    assert checked("", grid="LRR", runner="import sys\n") == ""
