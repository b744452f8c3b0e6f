import ast

import pytest

from sweeps.authoring.outputs.openings import openings
from tests.sweeps.authoring.scripts import script_of


@pytest.mark.parametrize(
    ("text", "place", "mode"),
    [
        ("open(path, 'w')", "path", "w"),
        ("open(args.log, mode='ab')", "args.log", "ab"),
        ("MODE = 'x'\nopen('a.txt', MODE)", "'a.txt'", "x"),
        ("(out / 'a.csv').open('r+')", "out / 'a.csv'", "r+"),
        ("path.open(mode='a')", "path", "a"),
        ("path.write_text('x')", "path", "w"),
        ("path.write_bytes(b'x')", "path", "w"),
        ("frame.to_csv(args.results, index=False)", "args.results", "w"),
        ("frame.write_csv('a.csv')", "'a.csv'", "w"),
    ],
)
def test_a_call_that_writes_a_file_tells_the_place_and_the_mode(tmp_path, text, place, mode):
    (found,) = openings(script_of(tmp_path, text))
    assert (ast.unparse(found.place), found.mode) == (place, mode)
    assert isinstance(found.call, ast.Call)


@pytest.mark.parametrize(
    "text",
    [
        "open(path)",
        "open(path, 'rb')",
        "open(path, how)",
        "path.open()",
        "os.open(path, 'w')",
        "frame.to_csv()",
    ],
)
def test_what_only_reads_or_says_no_mode_is_none(tmp_path, text):
    assert list(openings(script_of(tmp_path, f"import os\n{text}"))) == []
