"""The command that the verbs are added to."""

import click
import pytest

from sweeps.cli.group import ReaderGoneError, cli, open_session
from sweeps.commands.request import Request
from sweeps.errors import SpecError


def test_a_reader_that_is_gone_is_no_failed_trial(monkeypatch):
    def told():
        raise BrokenPipeError

    monkeypatch.setitem(cli.commands, "tell", click.Command("tell", callback=told))
    with pytest.raises(ReaderGoneError):
        cli.main(["tell"], standalone_mode=False)


def test_a_file_is_opened_with_its_trials(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "e.yaml"
    file.write_text("trainer: {command: [python]}\nsweeps: {a: {seeds: 2}}\n")
    session = open_session(Request(file), f"sqlite:///{tmp_path / 'none.db'}")
    assert [trial.name for trial in session.sweeps[0].trials] == ["seed0", "seed1"]
    file.write_text("nothing: 1\n")
    with pytest.raises(SpecError):
        open_session(Request(file), None)
