import json

import pytest

from sweeps.commands.request import Request
from sweeps.commands.session import open_session

MEASURED = "measures: {acc: {better: higher, unit: '%'}, loss: lower}"


def test_the_best_setting_is_that_with_the_best_mean_over_its_finished_seeds(recorded):
    file = recorded(f"sweeps: {{a: {{grid: {{lr: [1, 2]}}, set: {{net.depth: 3}}, seeds: 3}}}}\n{MEASURED}")
    for trial, ends in {"lr1": (0.5, 0.6, 0.7), "lr2": (0.1, 0.9, 0.2)}.items():
        for seed, value in enumerate(ends):
            file.add(f"{trial}-seed{seed}", "finished", [("acc", 0, 0.99), ("acc", 1, value)])
    (row,) = file.json("best")
    assert (row["metric"], row["better"], row["varied"]) == ("acc", "higher", {"lr": 1})
    assert (row["value"], row["values"]) == (pytest.approx(0.6), [0.5, 0.6, 0.7])


def test_what_is_no_result_does_not_count(recorded):
    file = recorded(f"sweeps: {{a: {{grid: {{lr: [1, 2, 3, 4]}}}}}}\n{MEASURED}")
    file.add("lr1", "finished", [("acc", 1, 0.5)])
    file.add("lr2", "failed", [("acc", 1, 0.9)])
    file.add("lr3", "finished", [("acc", 1, float("nan"))])
    (row,) = file.json("best")
    assert (row["trials"], row["ranked"], row["of"]) == (["lr1"], 1, 4)


def test_equals_are_told_apart_by_the_next_measure_or_all_named(recorded):
    file = recorded(f"sweeps: {{a: {{grid: {{lr: [1, 2, 3]}}}}}}\n{MEASURED}")
    for lr, loss in (1, 0.3), (2, 0.2), (3, 0.2):
        file.add(f"lr{lr}", "finished", [("acc", 1, 0.5), ("loss", 1, loss)])
    (row,) = file.json("best")
    assert (row["varied"], row["equals"]) == ({"lr": 2}, [{"lr": 3}])
    (row,) = file.json("best", "--metric", "loss")
    assert (row["better"], row["varied"]) == ("lower", {"lr": 2})


def test_over_frames_the_mean_counts(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2]}}}\nmeasures: {frame/psnr: higher}")
    file.add("lr1", "finished", [("frame/psnr", 1, 10.0), ("frame/psnr", 2, 30.0)])
    file.add("lr2", "finished", [("frame/psnr", 1, 21.0), ("frame/psnr", 2, 21.0)])
    (row,) = file.json("best")
    assert (row["varied"], row["value"]) == ({"lr": 2}, 21.0)


SEARCH = """\
sweeps:
  s: {search: {space: {lr: {float: [0.1, 9.0]}}, objective: {acc: {direction: max, value: best}}, trials: 3}}
measures: {loss: lower}
"""


def test_of_a_search_its_objective_counts(recorded):
    file = recorded(SEARCH)
    (sweep,) = open_session(Request(file.path / "e.yaml"), file.uri).sweeps
    for number, (lr, values) in enumerate([(0.5, (0.1, 0.9, 0.2)), (2.5, (0.3, 0.4, 0.5))], start=1):
        trial = sweep.search.trial({"lr": lr}, f"trial-00{number}")
        entry = {"s": {"name": trial.name, "study": "toy/s", "number": number - 1, "params": {"lr": lr}}}
        known = {"kind": "trial", "sweep": "s", "trial": trial.name, "fingerprint": trial.fingerprint}
        known |= {"outcome": "finished", "search": json.dumps(entry)}
        named = {f"sweeps.{name}": value for name, value in known.items()}
        run = file.client.create_run(file.experiment_id, tags=named, run_name=trial.name)
        for step, value in enumerate(values):
            file.client.log_metric(run.info.run_id, "acc", value, step=step)
        file.client.set_terminated(run.info.run_id)
    (row,) = file.json("best")
    assert (row["metric"], row["varied"], row["value"]) == ("acc", {"lr": 0.5}, 0.9)
    assert row["value_is"] == "best"


def test_without_a_result_or_a_direction_it_says_what_to_do(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2]}}}")
    done = file.sweep("best")
    assert done.code != 0
    assert "a: no trial has finished; see `sweep status " in done.err
    file.add("lr2", "failed", [("bleu", 1, 30.0)], reason="exit code 7")
    assert "a: no trial has finished; see `sweep status " in file.sweep("best").err
    file.add("lr1", "finished")
    done = file.sweep("best")
    assert (
        "a: 1 trial finished, and the file does not say by what one is best; name one with --metric, or write `measures:"
        in done.err
    )
    file.add("lr1", "finished", [("bleu", 1, 30.0)])
    assert "write `measures: {bleu: higher}`, or lower" in file.sweep("best", "--metric", "bleu").err
    assert "a: no trial has finished with xloss" in file.sweep("best", "--metric", "xloss").err


def test_a_sweep_without_a_result_does_not_hide_the_others(recorded):
    file = recorded(f"sweeps: {{a: {{grid: {{lr: [1]}}}}, b: {{grid: {{lr: [2]}}}}}}\n{MEASURED}")
    file.add("lr2", "finished", [("acc", 1, 0.5)])
    done = file.sweep("best")
    assert (done.code, done.err.partition(";")[0]) == (0, "a: no trial has finished")
    assert done.out.startswith("# b: lr 2, the best of 1 by acc")


def test_settings_whose_names_differ_in_their_seed_alone_stay_apart(recorded):
    file = recorded(f"sweeps: {{a: {{include: [{{k: a b, seed: 1}}, {{k: a_b, seed: 2}}]}}}}\n{MEASURED}")
    for name in ("a_b-seed1", "a_b-seed2"):
        file.add(name, "finished", [("acc", 1, 0.5)])
    (row,) = file.json("best")
    assert (row["varied"], row["equals"], row["of"]) == ({"k": "a b"}, [{"k": "a_b"}], 2)
    assert (row["trials"], row["values"]) == (["a_b-seed1"], [0.5])


def test_a_metric_that_no_run_has_recorded_is_told_with_what_may_be_meant(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1]}}}\nmeasures: {val_loss: lower}")
    file.add("lr1", "finished", [("loss", 1, 0.5), ("system/trial_cpu", 1, 1.0)])
    assert "a: no trial has finished with val_loss; did you mean loss?" in file.sweep("best").err
    assert (
        "a: no trial has finished with nope; recorded: loss. If it is new in the file, `sweep metrics FILE --apply` reads"
        in file.sweep("best", "--metric", "nope").err
    )


def test_a_measure_that_came_later_is_not_passed_over_without_a_word(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1]}}}\nmeasures: {best_loss: lower, loss: lower}")
    file.add("lr1", "finished", [("loss", 1, 0.5)])
    head, why, *_ = file.sweep("best").out.splitlines()
    assert "by loss (lower is better)" in head
    assert why.startswith("# no finished run has best_loss, which is to judge before that; if it is new")
    assert "`sweep run FILE --sweep NAME --again` trains them anew" in why
    status = file.sweep("status").out.replace("\n", " ")
    assert "measures:` has best_loss, which no run recorded" in status
    assert "`sweep metrics FILE --apply` reads it from what runs left" in status


def test_that_the_compared_runs_had_other_code_is_said_beside_the_best(recorded):
    file = recorded(f"sweeps: {{a: {{grid: {{lr: [1, 2, 3]}}}}}}\n{MEASURED}")
    file.add("lr1", "finished", [("acc", 1, 0.5)], code='{"digest": "aa"}')
    file.add("lr2", "finished", [("acc", 1, 0.6)], code='{"digest": "aa"}')
    assert file.json("best")[0]["runs_differ"] == ""
    assert "differ" not in file.sweep("best").out
    file.add("lr3", "failed", [("acc", 1, 0.9)], code='{"digest": "bb"}')
    assert file.json("best")[0]["runs_differ"] == ""  # what does not count is not compared
    file.add("lr3", "finished", [("acc", 1, 0.9)], code='{"digest": "bb"}')
    assert file.json("best")[0]["runs_differ"] == "differ in code"
    assert "# compare with care: the runs differ in code; `sweep status` names them" in file.sweep("best").out
    assert "runs differ in code" in file.sweep("status").out.replace("\n", " ")


def test_what_is_better_neither_way_is_passed_over_and_a_later_measure_ranks(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2]}}}\nmeasures: {rate: neither, loss: lower}")
    for lr, rate, loss in (1, 0.9, 0.3), (2, 0.1, 0.2):
        file.add(f"lr{lr}", "finished", [("rate", 1, rate), ("loss", 1, loss)])
    done = file.sweep("best")
    assert done.out.startswith("# a: lr 2, the best of 2 by loss (lower is better): 0.2\n")
    assert "rate" not in done.out
    (row,) = file.json("best")
    assert row["metric"] == "loss"
    named = file.sweep("best", "--metric", "rate")
    assert named.code != 0
    assert (
        "`measures:` says that neither high nor low rate is better, so no setting is the best by it"
        in named.err
    )


def test_where_every_measure_is_better_neither_way_it_says_how_many_finished_and_what_to_do(recorded):
    file = recorded("sweeps: {a: {grid: {lr: [1, 2]}}}\nmeasures: {rate: neither}")
    for lr in 1, 2:  # a metric of a usual name does not judge in place of the file
        file.add(f"lr{lr}", "finished", [("rate", 1, 0.5 + lr), ("loss", 1, 0.1 * lr)])
    done = file.sweep("best")
    assert (done.code != 0, done.out) == (True, "")
    assert (
        "a: 2 trials finished, and the file does not say by what one is best (of rate it says that neither way is better); "
        "name another metric with --metric, or write `measures: {METRIC: higher}`"
    ) in done.err
    assert file.sweep("best", "--metric", "loss").out.startswith("# a: lr 1, the best of 2 by loss")
