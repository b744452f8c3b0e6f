import json
import shutil
from pathlib import Path

import pytest

from tests.sweeps.specs import run_sweep

ROOT = Path(__file__).parents[3]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working directory with the real experiments.yaml, and no record."""
    shutil.copy(ROOT / "experiments.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("SWEEP_HOME", raising=False)
    return tmp_path


def listing(path):
    return sorted(p.name for p in path.rglob("*") if "__pycache__" not in p.parts)


def test_check_says_how_many_trials_a_fine_file_stands_for(here):
    done = run_sweep("check", "experiments.yaml")
    told = "experiments.yaml: fine, profile quick; 12 trials (tfr-by-annealing 9, annealing 3)\n"
    assert (done.code, done.out, done.err) == (0, told, "")
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


def test_plan_lists_what_a_run_would_start_and_counts_it(here):
    done = run_sweep("plan", "experiments.yaml")
    lines = [line.rstrip() for line in done.out.splitlines()]
    assert (done.code, done.err) == (0, "")
    assert lines[0].split() == ["sweep", "trial", "action"]
    assert lines[1].split() == ["tfr-by-annealing", "None-tfr1.0", "new"]
    assert lines[-1] == "12 new; `sweep run` would start 12"
    assert len(lines) == 14


def test_plan_as_json_has_every_trial_with_the_command_that_repeats_it(here):
    done = run_sweep("plan", "experiments.yaml", "--only", "tfr=0.5", "--set", "seed=7", "--json")
    found = json.loads(done.out)
    assert found["counts"] == {"new": 3}
    expected = {
        "sweep": "tfr-by-annealing",
        "trial": "Cyclical-tfr0.5",
        "action": "new",
        "reason": "",
        "run_id": None,
        "command": "sweep run experiments.yaml --profile quick --set seed=7 --sweep tfr-by-annealing "
        "--only trial=Cyclical-tfr0.5",
    }
    assert found["trials"][1] | expected == found["trials"][1]
    assert found["trials"][1]["fingerprint"].startswith("s1-")


def test_a_long_plan_is_printed_line_by_line_as_well(here):
    (here / "long.yaml").write_text("trainer: {command: [python]}\nsweeps: {a: {seeds: 1500}}\n")
    lines = run_sweep("plan", "long.yaml").out.splitlines()
    assert lines[:2] == ["sweep  trial     action", "a      seed0     new"]
    assert lines[-2:] == ["a      seed1499  new", "1500 new; `sweep run` would start 1500"]


def test_explain_says_where_each_value_comes_from(here):
    done = run_sweep("explain", "experiments.yaml", "Cyclical-tfr0.5", "--set", "seed=7", "--json")
    found = json.loads(done.out)
    rows = {row["key"]: (row["value"], row["from"].partition(" ")[2] or row["from"]) for row in found["keys"]}
    assert (done.code, found["trial"]) == (0, "Cyclical-tfr0.5")
    assert rows["tfr"] == (0.5, "(sweeps.tfr-by-annealing.grid)")
    assert rows["tfr_d_step"] == (0.05, "(sweeps.tfr-by-annealing.when.set)")
    assert rows["kl_anneal_ratio"] == (0.5, "(defaults)")
    assert rows["num_epoch"][1] == "(profiles.quick.sweeps.tfr-by-annealing)"
    assert rows["seed"] == (7, "seed=7")
    assert rows["batch_size"] == (2, "trainer's default")
    text = (here / "experiments.yaml").read_text().splitlines()
    place = next(row["from"] for row in found["keys"] if row["key"] == "tfr_d_step").partition(" ")[0]
    file, line, column = place.split(":")
    assert (file, text[int(line) - 1][int(column) - 1 :][:4]) == ("experiments.yaml", "0.05")


def test_explain_of_two_trials_shows_only_what_differs(here):
    arguments = ("explain", "experiments.yaml", "Cyclical-tfr0.5", "tfr-by-annealing/None-tfr1.0")
    done = run_sweep(*arguments, "--json")
    assert json.loads(done.out)["keys"] == [
        {"key": "kl_anneal_type", "Cyclical-tfr0.5": "Cyclical", "None-tfr1.0": "None"},
        {"key": "tfr", "Cyclical-tfr0.5": 0.5, "None-tfr1.0": 1.0},
        {"key": "tfr_d_step", "Cyclical-tfr0.5": 0.05, "None-tfr1.0": 0.1},
    ]
    table = run_sweep(*arguments).out.splitlines()
    assert table[1].split() == ["key", "Cyclical-tfr0.5", "None-tfr1.0"]
    assert len(table) == 5
    assert run_sweep(*arguments[:3], "Cyclical-tfr0.5").out.splitlines()[-1] == "no difference"


def test_a_name_that_two_sweeps_have_must_say_which(here):
    text = "trainer: {command: [python]}\nsweeps: {a: {seeds: 1}, b: {seeds: 1, set: {x: 1}}}\n"
    (here / "two.yaml").write_text(text)
    done = run_sweep("explain", "two.yaml", "seed0")
    assert (done.code, done.err) == (
        2,
        "trial seed0: several sweeps have it; say which of a/seed0, b/seed0\n",
    )
    assert run_sweep("explain", "two.yaml", "b/seed0").code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check"], "Error: Missing argument 'FILE'."),
        (["check", "experiments.yaml", "--profil", "quick"], "No such option '--profil'"),
        (["chek", "experiments.yaml"], "No such command 'chek'"),
        (["explain", "experiments.yaml"], "Error: Missing argument 'TRIAL'."),
        (["run", "experiments.yaml", "--jobs", "0"], "Invalid value for '--jobs'"),
    ],
)
def test_a_wrong_command_line_exits_with_2(arguments, told, here):
    done = run_sweep(*arguments)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert listing(here) == ["experiments.yaml"]


def test_every_command_has_its_help():
    overview = run_sweep("--help")
    told = " ".join(overview.out.split())
    assert overview.code == 0
    assert "Exit codes: 0 all done; 1 some trial failed; 2 the file or the command line is wrong" in told
    for verb in ("check", "plan", "run", "status", "logs", "explain", "report", "ui"):
        assert f"  {verb} " in overview.out
        assert run_sweep(verb, "--help").out.startswith("Usage: ")
