"""Opening a spec in this process; what commands do with it is tested through them."""

from pathlib import Path

import pytest

from sweeps.commands.session import Request, open_session
from sweeps.errors import SpecError
from tests.sweeps.specs import read

TEXT = """\
    profiles: {p: {lr: 2}}
    sweeps: {a: {grid: {tfr: [0, 0.5]}}, b: {seeds: 1}}
    """


def session_of(path, text=TEXT, **asked):
    read(path, text)
    return open_session(Request(path / "e.yaml", **asked), "sqlite:///nowhere.db")


def test_commands_that_repeat_a_trial_or_a_sweep_name_what_was_asked_for(tmp_path):
    session = session_of(tmp_path, profile="p", overrides=("steps=[1, 3]",))
    start = f"sweep run {tmp_path}/e.yaml --profile p --set 'steps=[1, 3]'"
    trial = session.sweeps[0].trials[1]
    assert session.repeat_command(trial) == f"{start} --sweep a --only trial=tfr0.5"
    assert session.resume_command("b") == f"{start} --sweep b"


def test_the_profile_of_the_command_line_wins(tmp_path):
    text = "profile: q\nprofiles: {p: {lr: 2}, q: {lr: 3}}\nsweeps: {b: {seeds: 1}}\n"
    assert session_of(tmp_path, text).profile == "q"
    session = session_of(tmp_path, text, profile="p")
    assert (session.profile, session.sweeps[0].trials[0].config["lr"]) == ("p", 2.0)


def test_modules_are_looked_for_beside_the_file_and_in_the_working_directory(tmp_path):
    assert session_of(tmp_path).search_path == (str(tmp_path), str(Path.cwd()))


def test_problems_of_trainer_configs_and_searches_are_raised_together_by_place(tmp_path):
    (tmp_path / "e.yaml").write_text(
        "trainer: {run: 'tests.sweeps.specs:trane', config: 'tests.sweeps.specs:Settings'}\n"
        "sweeps:\n"
        "  a:\n"
        "    search:\n"
        "      space: {tfr: {float: [0, 2]}}\n"
        "      objective: {val/loss: min}\n"
        "      trials: 5\n"
        "      sampler: {name: tpe, startup: 1}\n"
    )
    with pytest.raises(SpecError) as caught:
        open_session(Request(tmp_path / "e.yaml"), "sqlite:///nowhere.db")
    lines = str(caught.value).replace(f"{tmp_path}/", "").splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["e.yaml:1:16:", "e.yaml:5:32:", "e.yaml:8:28:"]
    assert "specs has no trane; did you mean 'train'?" in lines[0]
    assert "must be less than or equal to 1, not 2" in lines[1]
    assert "tpe takes no option 'startup'" in lines[2]
