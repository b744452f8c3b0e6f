"""Which warnings there are of a file; what `sweep run` says of them: `tests/sweeps/cli/live/test_certain_warnings.py`."""

from pathlib import Path

import pytest

from sweeps.authoring.script import ScriptReader
from sweeps.cli.group import open_session
from sweeps.commands.request import Request
from sweeps.commands.running.warned import opening_warnings, warnings_of

YACS = """\
from yacs.config import CfgNode as CN
cfg = CN()
cfg.LR = 0.1
cfg.merge_from_file("x.yaml")
"""


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def opened(script, trainer, sweeps):
        Path("train.py").write_text(script)
        Path("config.yaml").write_text("LR: 0.1\nNAME: a\n")
        Path("e.yaml").write_text(f"trainer: {{command: {trainer}}}\nsweeps: {{{sweeps}}}\n")
        return open_session(Request(Path("e.yaml")), None, with_record=False)

    return opened


class _Step:
    def __init__(self, trial):
        self.trial = trial


def opening(session):
    steps = [_Step(trial) for sweep in session.sweeps for trial in sweep.trials]
    return list(opening_warnings(session, steps))


def test_of_a_config_file_another_type_is_certain_only_where_the_program_compares_types(session):
    trainer = "[python, train.py, '{trial_config}'], config_file: config.yaml"
    loose = session("import yaml\n", trainer, "a: {grid: {LR: [big]}}")
    assert len(warnings_of(loose, ScriptReader(Path.cwd()))) == 1
    assert opening(loose) == []
    strict = session(YACS, trainer, "a: {grid: {LR: [big]}}")
    (told,) = opening(strict)
    assert "warning: sweeps.a.grid.LR: config.yaml has LR as" in told


def test_of_a_search_whatever_it_may_suggest_is_told(session):
    script = (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--lr', type=float)\np.parse_args()\n"
    )
    searched = session(
        script,
        "[python, train.py, '{args}']",
        "s: {search: {trials: 2, objective: {loss: min}, space: {lrr: {choice: [1, 2]}}}}",
    )
    assert any("has no option --lrr" in text for text in opening_warnings(searched, []))
