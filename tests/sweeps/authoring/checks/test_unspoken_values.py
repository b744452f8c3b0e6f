"""Values that leave an option out, where the program may have another value then."""

import json

import pytest

from tests.folders import write_files
from tests.sweeps.specs import run_sweep

OWN = "import sys\nvalues = {}\nfor word in sys.argv[1:]:\n    values[word] = True\n"
SEEN = """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--amp", action="store_true")
parser.add_argument("--clip", type=float, default=0.5)
parser.add_argument("--lr", type=float)
parser.add_argument("--warm", action="store_true", default=True)
args{known} = parser.{parse}()
"""
AMP = "{grid: {amp: [true, false]}}"
TWO_WAYS = (
    "sweeps.a.grid.amp: false only leaves --amp out: if {program} has it on without, true and false train alike. "
    "If it takes --no-amp, write `args: {{keys: {{amp: {{booleans: no-flag}}}}}}`; "
    "if it is off without, {{booleans: flag}} there says so"
)


@pytest.fixture
def check(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_files(
        tmp_path,
        {
            "own.py": OWN,
            "seen.py": SEEN.format(known="", parse="parse_args"),
            "more.py": SEEN.format(known=", rest", parse="parse_known_args"),
            "train.sh": "echo $@\n",
        },
    )

    def checked(sweep, program="python, own.py", args="argparse", more=""):
        head = f"trainer: {{command: [{program}, '{{args}}'], args: {args}}}\n"
        (tmp_path / "e.yaml").write_text(f"{head}{more}sweeps: {{a: {sweep}}}\n")
        done = run_sweep("check", "e.yaml", "--json")
        assert done.code == 0, done.err
        return [told.partition(": ")[2] for told in json.loads(done.out).get("warnings", [])]

    return checked


@pytest.mark.parametrize(
    ("program", "named"), [("python, own.py", "own.py"), ("sh, train.sh", "the program")]
)
def test_false_that_leaves_no_word_is_told_where_nothing_shows_the_default(check, program, named):
    assert check(AMP, program) == [TWO_WAYS.format(program=named)]


def test_so_it_is_where_another_layer_has_the_other_value(check):
    (told,) = check("{set: {amp: false}}", more="defaults: {amp: true}\n")
    assert told == TWO_WAYS.format(program="own.py").replace(".grid.", ".set.")


@pytest.mark.parametrize(
    "args",
    [
        "{booleans: flag}",
        "{keys: {amp: {booleans: flag}}}",
        "{booleans: no-flag}",
        "{booleans: ['1', '0']}",
        "tyro",
        "hf",
    ],
)
def test_a_file_that_says_how_false_is_spelled_is_believed(check, args):
    assert check(AMP, args=args) == []


def test_a_flag_that_does_not_vary_is_not_told(check):
    assert check("{set: {amp: false}}") == []


@pytest.mark.parametrize("script", ["seen.py", "more.py"])
def test_a_flag_whose_source_is_seen_is_told_only_if_it_is_on(check, script):
    assert check(AMP, f"python, {script}") == []
    (told,) = check("{grid: {warm: [true, false]}}", f"python, {script}")
    assert told == (
        f"sweeps.a.grid.warm: {script} has --warm on with it and without: true and false train alike; leave warm out"
    )


def test_null_is_told_where_the_default_is_another_of_the_values(check):
    assert check("{grid: {clip: [null, 0.5]}}", "python, seen.py") == [
        "sweeps.a.grid.clip: null leaves --clip out, and seen.py has 0.5 then, another of these values: both train alike"
    ]
    assert check("{grid: {clip: [null, 1]}}", "python, seen.py") == []
    assert check("{grid: {clip: [null, 0.5]}}") == []
