import json

import pytest

from tests.sweeps.specs import run_sweep

TEXT = "sweeps: {a: {grid: {lr: [0.1, 0.01]}, seeds: 1}}\n"


@pytest.fixture
def file(recorded):
    made = recorded(TEXT)
    for name in ("lr0.1_seed0", "lr0.3_seed0"):
        (made.path / "runs" / name).mkdir(parents=True)
        (made.path / "runs" / name / "m.csv").write_text("epoch,loss\n0,1\n1,0.5\n")
    return made


NAME = ("--name", r"lr(?P<lr>[^_]+)_seed(?P<seed>\d+)")


def test_a_table_shows_which_run_is_which_trial_and_apply_records_it(file):
    shown = file.sweep("adopt", "--from-folders", "runs/*", *NAME)
    assert "1 adopt, 1 left; nothing is recorded yet: add --apply to record 1" in shown.out
    assert "in the file 0.1 or 0.01" in " ".join(shown.out.split())
    assert file.json("plan")["counts"] == {"new": 2}
    assert "1 adopted, 1 left" in file.sweep("adopt", "--from-folders", "runs/*", *NAME, "--apply").out
    assert file.json("plan")["counts"] == {"new": 1, "done": 1}


def test_json_has_a_row_for_each_run(file):
    done = file.sweep("adopt", "--from-folders", "runs/*", *NAME, "--json")
    one, other = json.loads(done.out)
    assert (one["trial"], one["action"], one["points"], one["metrics"]) == (
        "lr0.1-seed0",
        "adopt",
        2,
        ["loss"],
    )
    assert (other["trial"], other["action"]) == (None, "left")


def test_where_nothing_can_be_adopted_the_exit_code_says_so(file):
    assert file.sweep("adopt", "--from-folders", "runs/*3*", *NAME).code == 1


def test_undo_shows_and_with_apply_deletes(file):
    assert "nothing is adopted" in file.sweep("adopt", "--undo").out
    file.sweep("adopt", "--from-folders", "runs/*", *NAME, "--apply")
    assert "1 would be deleted from the record; add --apply" in file.sweep("adopt", "--undo").out
    assert len(json.loads(file.sweep("adopt", "--undo", "--json").out)) == 1
    assert "1 deleted from the record" in file.sweep("adopt", "--undo", "--apply").out
    assert file.json("plan")["counts"] == {"new": 2}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "say one of --from-experiment, --from-folders and --undo"),
        (("--undo", "--from-folders", "runs/*"), "say one of --from-experiment, --from-folders and --undo"),
        (("--from-folders", "runs/*", "--name", "("), "is no pattern"),
        (("--from-folders", "runs/*", "--name", "lr"), "names no group"),
        (("--from-folders", "runs/*", "--key", "lr"), "must be KEY=NAME"),
        (("--from-folders", "nothing/*"), "there is no such folder"),
        (("--from-experiment", "nothing"), "nothing"),
    ],
)
def test_a_wrong_command_line_is_told(file, options, told):
    done = file.sweep("adopt", *options)
    assert done.code == 2
    assert told in done.err


def test_help_names_every_option():
    shown = run_sweep("adopt", "--help").out
    for option in ("--from-experiment", "--from-folders", "--store", "--name", "--apply", "--undo"):
        assert option in shown
