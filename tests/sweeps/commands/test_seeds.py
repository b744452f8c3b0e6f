"""What `sweep run --seeds 3` recorded is not forgotten by commands that are asked for less."""

import pytest

from sweeps.commands.request import Request
from sweeps.commands.seeds import without_seed
from sweeps.commands.session import open_session

GRID = "defaults: {seed: 7}\nsweeps: {a: {grid: {factor: [0.5, 0.25]}}}\nmeasures: {train/loss: lower}"


def hints(project, verb, *options):
    code, output = project.sweep(verb, "e.yaml", *options)
    assert code == 0, output
    return [line for line in output.splitlines() if "--seeds" in line]


def test_repeats_that_one_command_asked_for_are_named_by_the_next_until_they_count(project):
    project.spec(GRID)
    assert hints(project, "run", "--seeds", "3") == [
        "--seeds 3 is for this command alone: give it to `sweep report` too, or write `seeds: [7, 8, 9]` of its sweeps"
    ]
    for verb in ("status", "best", "report"):
        assert hints(project, verb) == [
            (
                f"4 more runs of these settings are recorded, by other seeds: `sweep {verb} e.yaml --seeds 3` counts them; "
                "`seeds: [7, 8, 9]` of its sweeps does so always"
            )
        ]
        assert hints(project, verb, "--seeds", "3") == []
    page = (project.path / "figures" / "report.md").read_text()
    assert "would test it" not in page
    assert hints(project, "report") != []
    page = (project.path / "figures" / "report.md").read_text()
    assert "`sweep report --seeds 3` counts the seeds that are recorded" in page
    project.spec(GRID.replace("0.25]}", "0.25]}, seeds: [7, 8, 9]"))
    assert hints(project, "status") == []


def test_where_only_repeats_are_recorded_it_is_said_too(project):
    project.spec(GRID.replace("seed: 7", "hold: none"))
    assert project.sweep("run", "e.yaml", "--seeds", "2")[0] == 0
    code, output = project.sweep("best", "e.yaml")
    assert code == 2
    assert "no trial has finished with train/loss; 4 more runs of these settings are recorded" in output


def test_trials_that_are_gone_from_the_file_are_no_repeats(project):
    project.spec(GRID)
    assert project.sweep("run", "e.yaml")[0] == 0
    project.spec("sweeps: {a: {grid: {factor: [0.5]}}}")
    assert hints(project, "status") == []


SCRIPT = """import argparse
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float){}
a, epoch = p.parse_args(), 1
print(f"epoch {{epoch}} loss {{a.lr}}")
"""
SEED = '\np.add_argument("--seed", type=int)'
CONFIG = '\np.add_argument("--config")'
COMMAND = """experiment: toy
trainer:
  command: [python, train.py, {}]
  metrics:
    - stdout: 'epoch (?P<epoch>\\d+) loss (?P<loss>.*)'
sweeps: {{a: {{grid: {{lr: [0.1, 0.2]}}}}}}
measures: {{loss: lower}}
"""
NO_OPTION = "train.py has no option --seed"


@pytest.mark.parametrize(
    ("script", "words", "told"),
    [
        ("", "'{args}'", NO_OPTION),
        (SEED, "'{args}'", ""),
        ("", "--lr, '{lr}'", "the command gives the program no seed (`{seed}`)"),
        (SEED, "--lr, '{lr}', --seed, '{seed}'", ""),
        ("\nimport os\nos.environ['SWEEP_CONFIG']", "--lr, '{lr}'", ""),
        ("", "'{args}']\n  args: {keys: {seed: none}}\n  env: {A: b}\n  link: [", ""),
        ("\np.add_argument(*unknown())", "'{args}'", ""),
        (CONFIG, "--config, '{trial_config}', '{args}']\n  config_file: has.yaml\n  link: [", ""),
        (CONFIG, "--config, '{trial_config}', '{args}']\n  config_file: no.yaml\n  link: [", NO_OPTION),
        (
            CONFIG,
            "--config, '{trial_config}']\n  config_file: other.yaml\n  link: [",
            "",
        ),
    ],
)
def test_a_program_that_can_take_no_seed_is_known(tmp_path, monkeypatch, script, words, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(SCRIPT.format(script))
    (tmp_path / "has.yaml").write_text("lr: 0.1\nseed: 3\n")
    (tmp_path / "no.yaml").write_text("lr: 0.1\n")
    (tmp_path / "other.yaml").write_text("lr: 0.1\nrng: {seed: 3}\n")
    has_seed = "defaults: {seed: 1}\n" if "{seed}" in words else ""
    has_seed = "defaults: {rng.seed: '{seed}', seed: 1}\n" if "other.yaml" in words else has_seed
    (tmp_path / "e.yaml").write_text(has_seed + COMMAND.format(words))
    session = open_session(Request(tmp_path / "e.yaml"), with_record=False)
    assert without_seed(session) == told


def test_a_report_asks_no_script_without_a_seed_for_seeds(project):
    (project.path / "train.py").write_text(SCRIPT.format(""))
    (project.path / "e.yaml").write_text(COMMAND.format("'{args}'"))
    for verb in ("run", "report"):
        assert project.sweep(verb, "e.yaml")[0] == 0
    page = (project.path / "figures" / "report.md").read_text()
    assert f"(n = 1); {NO_OPTION}; with one, `--seeds 3` would test it" in page
    assert "`sweep run --seeds 3`" not in page
