import json

import pytest

from tests.sweeps.specs import run_sweep


def listing(path):
    return sorted(p.name for p in path.rglob("*") if "__pycache__" not in p.parts)


def test_check_says_how_many_trials_a_fine_file_stands_for(here):
    done = run_sweep("check", "experiments.yaml")
    fine = "experiments.yaml: fine, profile quick; 12 trials (tfr-by-annealing 9, annealing 3)\n"
    assert (done.code, done.out, done.err) == (0, fine, "")
    done = run_sweep("check", "experiments.yaml", "--profile", "report", "--sweep", "annealing", "--json")
    assert json.loads(done.out) == {
        "file": "experiments.yaml",
        "profile": "report",
        "trials": {"annealing": 3},
    }


def test_read_only_verbs_leave_nothing_behind(here):
    for verb in (["check"], ["plan"], ["plan", "--json"], ["status"], ["explain", "annealing/Monotonic"]):
        assert run_sweep(verb[0], "experiments.yaml", *verb[1:]).code == 0
    assert listing(here) == ["experiments.yaml"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check"], "Error: Missing argument 'FILE'."),
        (["check", "experiments.yaml", "--profil", "quick"], "No such option '--profil'"),
        (["chek", "experiments.yaml"], "No such command 'chek'"),
        (["explain", "experiments.yaml"], "Error: Missing argument 'TRIAL'."),
        (["run", "experiments.yaml", "--jobs", "0"], "Invalid value for '--jobs'"),
    ],
)
def test_a_wrong_command_line_exits_with_2(arguments, message, here):
    done = run_sweep(*arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert listing(here) == ["experiments.yaml"]


def test_every_command_has_its_help():
    overview = run_sweep("--help")
    words = " ".join(overview.out.split())
    assert overview.code == 0
    assert "Exit codes: 0 all done; 1 some trial failed; 2 the file or the command line is wrong" in words
    for verb in ("check", "plan", "run", "status", "logs", "explain", "report", "ui"):
        assert f"  {verb} " in overview.out
        assert run_sweep(verb, "--help").out.startswith("Usage: ")
