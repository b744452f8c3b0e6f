from contextlib import closing

from sweeps.rundir.journal import JournalWriter
from sweeps.rundir.paths import StateDir

PSNR = [("val/psnr", 0, 18.0), ("val/psnr", 1, 21.25), ("train/loss", 1, 0.5), ("frame/psnr", 9, 3.0)]


def test_another_trainers_metrics_are_shown_by_name_without_times(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1]}}}")
    names = ["accuracy", "b", "c", "d", "e", "f", "g", "time/epoch_s", "system/cpu"]
    file.add("lr1", "finished", [(name, 0, 0.5) for name in names])
    (row,) = file.json("status")
    assert [name for name in row if name in names] == ["accuracy", "b", "c", "d", "e", "f"]


def test_what_a_search_seeks_is_always_a_column(recorded):
    search = "{space: {lr: {float: [0.1, 1.0]}}, objective: {val/ssim: max}, trials: 3}"
    file = recorded(f"sweeps: {{s: {{search: {search}}}, a: {{grid: {{lr: [1]}}}}}}")
    file.add("lr1", "finished", PSNR)
    (row,) = file.json("status")
    assert row["val/ssim"] is None
    assert row["val/psnr"] == 21.25


def test_epochs_are_counted_as_the_supervisor_noted_them_or_the_journal_shows(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2, 3, 4]}}}")
    points = [("loss", step, 0.5) for step in range(8)]  # of two batches an epoch, say
    file.add("lr1", "finished", points, epochs="4")
    file.add("lr2", "finished", points, epochs="unknown")
    file.add("lr3", "finished", points)
    run_id = file.add("lr4", "finished", points, epochs="1")
    file.client.delete_tag(run_id, "sweeps.outcome")
    assert [row["epoch"] for row in file.json("status")] == [4, None, None, None]
    paths = StateDir.here().run(run_id)
    with closing(JournalWriter(paths)) as journal:
        journal.metrics({"loss": 0.5}, 3)
    assert file.json("status")[3]["epoch"] == 4
    assert file.json("status")[3]["loss"] == 0.5


def test_a_trial_whose_supervisor_died_shows_the_loss_of_its_epoch_and_never_an_older_one(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2]}}}")
    for trial, logged in {"lr1": 14, "lr2": 3}.items():
        run_id = file.add(trial, "finished", [("loss", 6, 0.6)])
        file.client.delete_tag(run_id, "sweeps.outcome")
        with closing(JournalWriter(StateDir.here().run(run_id))) as journal:
            journal.metrics({"loss": 0.1}, logged)
    assert [row["loss"] for row in file.json("status")] == [0.1, 0.6]


MACHINE = [
    ("system/trial_cpu_utilization_percentage", 30, 150.0),
    ("system/trial_memory_usage_megabytes", 30, 2500.0),
    ("system/trial_gpu_0_utilization_percentage", 30, 90.0),
    ("system/trial_gpu_0_memory_usage_megabytes", 30, 8000.0),
]


def test_what_the_machine_did_is_shown_where_asked_and_is_no_metric(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2]}}}")
    file.add("lr1", "finished", [("loss", 1, 0.5), *MACHINE], epochs="2")
    file.add("lr2", "finished", MACHINE)
    one, two = file.json("status")
    load = {"cores": 1.5, "memory_gb": 2.5, "gpu_percent": 90.0, "gpu_memory_gb": 8.0}
    assert load.items() <= one.items()
    assert not any(key.startswith("system/") for key in one)
    assert (one["epoch"], two["epoch"], two["reason"]) == (2, None, "nothing recorded")
    header, *_ = (line.split() for line in file.sweep("status").out.splitlines())
    assert header == ["sweep", "trial", "state", "attempt", "epoch", "loss", "reason"]
    header, first, *_ = (line.split() for line in file.sweep("status", "--wide").out.splitlines())
    assert header == ["sweep", "trial", "state", "attempt", "epoch", "loss", "seconds", *load, "reason"]
    assert first[-4:] == ["1.5", "2.5", "90", "8"]
    assert [row["metrics"] for row in file.json("metrics")] == [1, 0]


def test_how_long_a_trial_ran_is_that_of_its_attempts_where_that_is_recorded(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2, 3, 4, 5, 6]}}}")
    file.client.delete_tag(file.add("lr6", "abandoned"), "sweeps.attempt")  # it never began
    file.add("lr1", "finished", seconds="12.5")
    file.add("lr2", "finished")
    file.client.set_tag(
        file.add("lr3", "finished"), "sweeps.attempt", "2"
    )  # with a pause of nobody knows how long
    file.add("lr4", "finished", seconds="nan")
    assert [row["seconds"] for row in file.json("status")] == [12.5, 60.0, None, 60.0, None, None]


def test_the_files_measures_come_first_and_of_one_over_frames_the_mean(recorded):
    file = recorded("measures: {z: lower, frame/psnr: higher}\nsweeps: {a: {grid: {lr: [1]}}}")
    file.add(
        "lr1", "finished", [("b", 0, 1.0), ("z", 0, 2.0), ("frame/psnr", 1, 3.0), ("frame/psnr", 2, 5.0)]
    )
    (row,) = file.json("status")
    assert list(row.items())[6:9] == [("z", 2.0), ("frame/psnr", 4.0), ("b", 1.0)]


def test_the_steps_of_a_run_of_which_no_epochs_are_noted_are_its_epochs_if_it_asks_for_as_many(recorded):
    file = recorded("defaults: {num_epoch: 5}\nsweeps: {a: {grid: {lr: [1, 2, 3]}}}")
    for lr, steps in enumerate((range(5), range(1, 6), range(7)), 1):
        file.add(f"lr{lr}", "finished", [("loss", step, 0.5) for step in steps])
    assert [row["epoch"] for row in file.json("status")] == [5, 5, None]


def test_epochs_that_an_older_record_counts_as_none_though_it_has_metrics_are_left_out(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1]}}}")
    file.add("lr1", "finished", [("loss", 39, 0.5)], epochs="0")
    (row,) = file.json("status")
    assert (row["epoch"], row["loss"]) == (None, 0.5)


def test_a_metric_that_is_called_as_a_setting_is_told_apart(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1]}}}")
    file.add("lr1", "finished", [("lr", 39, 0.25), ("loss", 39, 0.5)], epochs="2")
    (row,) = file.json("status")
    assert (row["lr (metric)"], row["loss"], "lr" in row) == (0.25, 0.5, False)


def test_a_metric_that_is_called_as_a_column_of_its_own_is_told_apart(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1]}}}")
    file.add("lr1", "finished", [("epoch", 39, 2.5), ("state", 39, 7.0), ("loss", 39, 0.5)], epochs="2")
    (row,) = file.json("status")
    assert (row["epoch"], row["state"], row["epoch (metric)"], row["state (metric)"]) == (
        2,
        "finished",
        2.5,
        7.0,
    )
    header = file.sweep("status").out.splitlines()[0]
    assert header.split() == [
        "sweep",
        "trial",
        "state",
        "attempt",
        "epoch",
        "epoch",
        "(metric)",
        "loss",
        "state",
        "(metric)",
    ]


def test_a_measure_of_such_a_name_is_found(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1]}, measures: {epoch: higher}}}")
    file.add("lr1", "finished", [("epoch", 39, 2.5)], epochs="2")
    assert "no run has recorded" not in file.sweep("status").out


def test_each_sweep_has_what_counts_by_its_own_measures_and_one_head_where_they_agree(recorded):
    file = recorded(
        "measures: {acc: {better: higher, value: best}}\n"
        "sweeps: {a: {grid: {lr: [1]}}, b: {grid: {lr: [2]}, measures: {acc: {better: higher, value: mean}}}}"
    )
    for name in ("lr1", "lr2"):
        file.add(name, "finished", [("acc", 1, 1.0), ("acc", 2, 0.0)])
    assert [row["acc"] for row in file.json("status")] == [1.0, 0.5]
    assert "acc (" not in file.sweep("status").out
    assert "acc (mean)" in file.sweep("status", "--sweep", "b").out


def test_the_objective_of_a_search_shows_what_counts_of_it(recorded):
    file = recorded(
        "sweeps: {s: {search: {space: {lr: {choice: [1, 2]}}, trials: 2, objective: {acc: {direction: max, value: best}}}}}"
    )
    from sweeps.commands.request import Request
    from sweeps.commands.session import open_session

    session = open_session(Request(file.path / "e.yaml"), file.uri)
    (sweep,) = session.sweeps
    trial = sweep.search.trial({"lr": 1}, "trial-001")
    params = '{"s": {"name": "trial-001", "study": "x", "number": 0, "params": {"lr": 1}}}'
    file.record(trial, "finished", [("acc", 1, 1.0), ("acc", 2, 0.0)], search=params)
    assert [row["acc"] for row in file.json("status")] == [1.0]
    assert "acc (best)" in file.sweep("status").out


def test_a_measure_that_is_called_as_a_setting_says_which_value_counts_too(recorded):
    file = recorded("measures: {lr: {better: lower, value: mean}}\nsweeps: {a: {grid: {lr: [1]}}}")
    file.add("lr1", "finished", [("lr", 1, 1.0), ("lr", 2, 0.0)])
    assert "lr (metric) (mean)" in file.sweep("status").out


def test_what_a_search_drew_has_columns(recorded):
    search = "{space: {lr: {float: [0.1, 1.0]}}, objective: {val/psnr: max}, trials: 3}"
    file = recorded(f"sweeps: {{s: {{search: {search}}}, a: {{grid: {{lr: [1]}}}}}}")
    file.add("lr1", "finished", PSNR)
    (row,) = file.json("status")
    assert row["lr"] is None  # its grid's names say it
