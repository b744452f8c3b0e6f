import json
import os

import pytest

from sweeps.sources.proposals.left_files import LeftFile, left_files

ROWS = [{"epoch": 1, "loss": 0.5, "note": "x"}, {"epoch": 2, "loss": 0.4, "note": "y"}]
TABLE = "epoch,loss,note\n1,0.5,x\n2,,y\n"


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("metrics.csv", TABLE, ("csv", ("epoch", "loss"), "")),
        ("metrics.tsv", TABLE.replace(",", "\t"), ("csv", ("epoch", "loss"), "")),
        ("observables.dat", "# step energy\n0 -1.5\n1 -1.75\n", ("csv", ("step", "energy"), "")),
        ("run.out", "step  energy\n   0  -1.50\n   1  -1.75\n", ("csv", ("step", "energy"), "")),
        ("log.jsonl", "\n".join(map(json.dumps, ROWS)), ("jsonl", ("epoch", "loss"), "")),
        (
            "trainer_state.json",
            json.dumps({"a": 1, "log_history": ROWS}),
            ("json", ("epoch", "loss"), "log_history"),
        ),
        ("deep.json", json.dumps({"a": {"b": ROWS}}), ("json", ("epoch", "loss"), "a.b")),
        ("list.json", json.dumps(ROWS), ("json", ("epoch", "loss"), "")),
        ("results.json", json.dumps({"acc": 0.5, "args": {"lr": 1}}), ("json", ("acc",), "")),
        ("history.json", json.dumps({"loss": [2, 1], "best": 1}), ("json", ("loss", "best"), "")),
        ("events.out.tfevents.1.host", "", ("tensorboard", (), "")),
        ("run-1.wandb", "", ("wandb", (), "")),
    ],
)
def test_a_file_of_metrics_is_known_by_what_it_holds(tmp_path, name, text, found):
    path = tmp_path / "deep" / name
    path.parent.mkdir()
    path.write_text(text)
    kind, metrics, at = found
    assert left_files(tmp_path) == [LeftFile(kind, path, metrics, at)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("names.csv", "a,b\nx,y\nz,w\n"),
        ("numbers.csv", "1,2\n3,4\n5,6\n"),
        ("empty.csv", ""),
        ("notes.txt", "a list\n1 apple\n2 pears\n"),
        ("matrix.dat", "1.0 2.0\n3.0 4.0\n"),
        ("log.txt", "epoch 1 loss 0.5\nepoch 2 loss 0.25\n"),
        ("half.dat", "# x y\n1 2\n"),
        ("config.json", json.dumps({"lr": 0.1, "sizes": [1, 2, 3]})),
        ("broken.json", "[{"),
        ("deep.json", "[" * 100_000),
        ("words.jsonl", '"a"\n"b"\n'),
        ("half.jsonl", '{"a": 1}\n{"a"'),
        ("model.pt", "\0\1"),
    ],
)
def test_what_holds_no_rows_of_numbers_is_passed_over(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert left_files(tmp_path) == []


def test_old_files_and_the_tools_own_folders_are_passed_over(tmp_path):
    for folder in (".git", ".sweep", "new", "old"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "m.csv").write_text(TABLE)
    os.utime(tmp_path / "old" / "m.csv", (1000, 1000))
    assert [left.path.parent.name for left in left_files(tmp_path, since_s=2000)] == ["new"]


TIMES = [{"t": at / 5, "energy": -at} for at in range(4)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("run.dat", "#  t  energy\n" + "".join(f"{row['t']:8.3f} {row['energy']}\n" for row in TIMES)),
        ("run.csv", "t,energy\n" + "".join(f"{row['t']},{row['energy']}\n" for row in TIMES)),
        ("run.jsonl", "\n".join(map(json.dumps, TIMES))),
        ("run.json", json.dumps({"a": TIMES})),
    ],
)
def test_a_time_without_a_counter_makes_the_steps(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    (left,) = left_files(tmp_path)
    assert left.step == "round(t / 0.2)"


def test_a_table_of_folds_that_count_their_epochs_has_a_step_of_both(tmp_path):
    rows = "".join(f"{fold},{epoch},0.5\n" for fold in range(2) for epoch in range(1, 31))
    (tmp_path / "m.csv").write_text(f"fold,epoch,loss\n{rows}")
    assert [left.step for left in left_files(tmp_path)] == ["fold * 30 + epoch"]
