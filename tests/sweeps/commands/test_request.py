"""A request: the flags of a command line, and the commands that ask the same."""

from pathlib import Path

from sweeps.commands.request import Request
from sweeps.record.store_uri import DEFAULT_TRACKING_URI


def test_a_file_and_its_flags_say_which_trials_there_are():
    file = Path("e.yaml")
    assert Request(file, profile="p", sweeps=("a",)).wish == "e.yaml"
    assert Request(file, overrides=("b=1", "a=2"), seeds=3).wish == "e.yaml --set a=2 --set b=1 --seeds 3"


def test_a_command_has_the_flags_that_choose_and_change_trials_before_its_own_words():
    request = Request(Path("e.yaml"), profile="p", overrides=("lr=a b",), sweeps=("a",), seeds=2)
    command = request.command("logs", DEFAULT_TRACKING_URI, "--folder", trial="t1")
    assert command == "sweep logs e.yaml t1 --profile p --set 'lr=a b' --seeds 2 --sweep a --folder"
