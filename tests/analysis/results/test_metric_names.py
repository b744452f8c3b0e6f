import pytest

from analysis.results.metric_names import (
    is_loss,
    is_score,
    is_test,
    is_validation,
    judges,
    nearest,
    suggestion,
)


@pytest.mark.parametrize(
    ("recorded", "line"),
    [
        (["loss", "val/accuracy", "val/loss", "time/epoch_s"], "measures: {val/accuracy: higher}"),
        (["train_loss", "test_loss"], "measures: {test_loss: lower}"),
        (["accuracy", "eval_loss"], "measures: {eval_loss: lower}"),
        (
            ["rollout/ep_rew_mean", "time/fps", "frame/x", "system/cpu"],
            "measures: {rollout/ep_rew_mean: higher}",
        ),
        (["Loss/test", "Loss/train"], "measures: {Loss/test: lower}"),
        (
            ["charts/length", "charts/episodic_return"],
            "measures: {charts/episodic_return: {better: higher, value: tail}}",
        ),
        (["train", "val", "acc"], "measures: {acc: higher}"),
        (["train", "val"], ""),
        (["slope", "loss"], "measures: {loss: lower}"),
        (["valley/rmse"], "measures: {valley/rmse: lower}"),
        (["a: b"], 'measures: {"a: b": higher or lower or neither}'),
        (["drift", "total"], "measures: {drift: higher or lower or neither}"),
        (["slope", "r2"], "measures: {r2: higher}"),
        (["training loss", "iteration"], 'measures: {"training loss": lower}'),
        (["error_on_train"], "measures: {error_on_train: lower}"),
        (["lr", "step_time", "elapsed", "first_step_took", "it_s"], ""),
        ([], ""),
    ],
)
def test_the_suggested_measure_is_the_likeliest_one(recorded, line):
    assert suggestion(recorded) == line


def test_where_no_name_tells_what_a_run_has_once_comes_before_curves():
    assert suggestion(["I", "rate"], once=["rate"]) == "measures: {rate: higher or lower or neither}"
    assert suggestion(["loss", "rate"], once=["rate"]) == "measures: {loss: lower}"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("val_loss", "measures: {val_loss: {better: lower, value: best}}"),
        ("best_val_acc", "measures: {best_val_acc: higher}"),
        ("train_loss", "measures: {train_loss: lower}"),
        ("drift", "measures: {drift: {better: higher or lower or neither, value: best}}"),
        ("episodic_return", "measures: {episodic_return: {better: higher, value: tail}}"),
    ],
)
def test_of_what_stops_early_the_best_value_is_suggested_but_of_what_it_is_already(name, line):
    assert suggestion([name], stops_early=True) == line


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (["test_acc"], "measures: {test_acc: higher}"),
        (["test_acc", "train_loss", "val_loss"], "measures: {val_loss: {better: lower, value: best}}"),
        (["test/acc", "dev/f1", "eval/loss"], "measures: {dev/f1: {better: higher, value: best}}"),
        (["episodic_return", "test_acc"], "measures: {test_acc: higher}"),
        (["acc", "test_acc"], "measures: {test_acc: higher}"),
    ],
)
def test_of_what_a_run_has_once_no_best_value_is_suggested_and_validation_goes_before_the_test(names, line):
    assert suggestion(names, stops_early=True, once={"test_acc", "test/acc"}) == line
    assert suggestion(["test_return", "test_acc"], once={"test_acc"}) == "measures: {test_acc: higher}"


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (["acc", "auc", "mean_auc", "mean_auc_std"], "{mean_auc: higher}"),
        (["val_auc", "mean_val_auc"], "{mean_val_auc: higher}"),
        (["loss", "final_loss"], "{final_loss: lower}"),
        (["val_loss", "mean_auc"], "{val_loss: lower}"),
        (["auc", "auc_std"], "{auc: higher}"),
        (["loss", "test_time"], "{loss: lower}"),
    ],
)
def test_a_final_value_wins_over_one_whose_last_would_count(names, line):
    once = {"mean_auc", "mean_auc_std", "mean_val_auc", "final_loss", "auc_std", "test_time"}
    assert suggestion(names, once=once) == f"measures: {line}"


def test_a_metric_is_one_of_the_test_data_or_of_validation_data_by_its_name():
    assert is_test("test_acc")
    assert is_test("Loss/test")
    assert not is_test("latest_loss")
    assert not is_test("contest/acc")
    assert is_validation("eval/acc")
    assert is_validation("dev_f1")
    assert not is_validation("test/val_acc")
    assert not is_validation("train_acc")


def test_names_tell_losses_and_scores():
    assert is_loss("train/nll_loss")
    assert not is_loss("lossless/accuracy")
    assert is_score("val/f1")
    assert not is_score("train/samples_per_second")
    assert judges("val_acc")
    assert judges("average_loss")
    assert not judges("acc_time")
    assert not judges("size")
    assert nearest("val/acuracy", ["val/accuracy", "loss"]) == "val/accuracy"
    assert nearest("zzz", ["loss"]) == ""
