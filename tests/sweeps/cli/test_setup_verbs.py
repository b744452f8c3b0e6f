import json

import pytest

from sweeps.commands.doctor.judging import Finding, State
from tests.sweeps.specs import run_sweep


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell):
    done = run_sweep("completion", shell)
    assert (done.code, done.err) == (0, "")
    assert f"{shell}_complete" in done.out


@pytest.mark.parametrize(("state", "code"), [(State.OK, 0), (State.NOTE, 0), (State.WRONG, 1)])
def test_doctor_exits_with_1_exactly_where_something_is_wrong(state, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = [Finding("disk", state, "no room", "free some")]
    monkeypatch.setattr("sweeps.commands.doctor.examination.examine", lambda _place: found)
    done = run_sweep("doctor")
    assert (done.code, done.out, done.err) == (code, f"{state.value:5}  disk    no room; free some\n", "")
    told = json.loads(run_sweep("doctor", "--json").out)
    assert told == [{"part": "disk", "state": state.value, "found": "no room", "remedy": "free some"}]


def test_doctor_tells_of_a_wrong_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run_sweep("doctor", "missing.yaml")
    assert (done.code, "no such file" in done.err) == (2, True)
