"""Which `sweep run` can do what another one asks."""

import json

import pytest

from sweeps.commands.request import Request
from sweeps.commands.running.asked import Asked
from sweeps.commands.session import open_session


def asked(path, text="", **more):
    file = path / "e.yaml"
    file.write_text(
        f"trainer: {{command: [python]}}\nprofiles: {{quick: {{b: 1}}}}\nsweeps: {{a: {{grid: {{x: [1]}}}}}}\n{text}"
    )
    return Asked.of(open_session(Request(file, **more), "sqlite:///x.db"))


def test_it_is_the_same_when_it_is_read_back(tmp_path):
    mine = asked(
        tmp_path, overrides=("y=1",), seeds=2, options=("--jobs", "2", "--gpus", "", "--retry-failed")
    )
    assert mine.options == ("--jobs 2", "--gpus ", "--retry-failed")
    assert mine.choices == ("--set y=1", "--seeds 2")
    assert Asked.from_json(json.loads(json.dumps(mine.to_json()))) == mine
    assert list(mine.obstacles(mine)) == []


@pytest.mark.parametrize(
    ("mine", "running", "told"),
    [
        ({"options": ("--retry-failed",)}, {}, []),
        ({}, {"options": ("--jobs", "1")}, []),
        ({"options": ("--jobs", "2")}, {"options": ("--jobs", "1")}, ["it was started without --jobs 2"]),
        ({"only": ("x=1",)}, {}, ["it was started without --only x=1"]),
        ({}, {"seeds": 3}, ["it was started with --seeds 3"]),
        ({"profile": "quick"}, {}, ["it has no profile"]),
        ({}, {"profile": "quick"}, ["it has the profile quick"]),
    ],
)
def test_trials_must_be_the_same_and_options_as_far_as_they_are_named(mine, running, told, tmp_path):
    assert list(asked(tmp_path, **mine).obstacles(asked(tmp_path, **running))) == told


def test_another_file_is_another_wish(tmp_path):
    (tmp_path / "there").mkdir()
    (told,) = asked(tmp_path).obstacles(asked(tmp_path / "there"))
    assert told == f"it runs {(tmp_path / 'there' / 'e.yaml').resolve()}"
