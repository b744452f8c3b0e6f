import ast
import re

import pytest

from sweeps.authoring.outputs.prints.number_names import clause_name, own_name
from sweeps.authoring.outputs.prints.printed_lines import printed_by
from tests.sweeps.authoring.scripts import script_of


def read(folder, line, loops=("for epoch in range(3):", "for i, batch in enumerate(loader):")):
    """The names with which a line that is printed in loops is read, and its step."""
    body = [f"{'    ' * depth}{loop}" for depth, loop in enumerate(loops)]
    found = printed_by(script_of(folder, "\n".join([*body, "    " * len(loops) + line]) + "\n"))
    return [(re.findall(r"\(\?P<(\w+)>", one.text), one.step) for one in found]


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("batch_idx", "batch"),
        ("batch_time.avg", "batch_time"),
        ("step_type", "step_type"),
        ("epoch_rewards[-1]", "epoch_rewards"),
        ("best_epoch", "epoch"),
    ],
)
def test_a_word_before_another_counts_only_where_that_is_an_index(expression, name):
    assert own_name(ast.parse(expression, mode="eval").body) == name


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ("Test accuracy after epoch # is: ", "test_accuracy"),
        ("Accuracy of the model on the # pictures: ", "accuracy"),
        ("The rmse of prediction is: ", "rmse"),
        ("accuracy of class ? : ", ""),
        ("loss # | time ", ""),
        ("loss after step #: time ", ""),
    ],
)
def test_a_metric_may_be_named_further_before_its_number(before, name):
    assert clause_name(before) == name


@pytest.mark.parametrize(
    ("line", "names", "step"),
    [
        (
            "print('[%d/%d][%d/%d] loss_g: %.3f' % (epoch, E, i, len(loader), a))",
            ["epoch", "batch", "of", "loss_g"],
            "epoch * of + batch",
        ),
        ("print(f'[{epoch + 1}, {i + 1:5d}] loss: {total / 200:.3f}')", ["epoch", "loss"], "count"),
        (
            "print(f'Valid: [{i}/{len(loader)}] time {batch_time.avg:.3f} loss {losses.avg:.4f}')",
            ["time", "valid_loss"],
            "count",
        ),
        (
            "print(f'epoch {epoch} | train loss {loss:.3f} | lr {lr_step}')",
            ["epoch", "train_loss", "lr"],
            "epoch",
        ),
        ("print(f'epoch {epoch} acc: {acc_step} loss {loss:.3f}')", ["epoch", "loss"], "epoch"),
        ("print(f'[rank {rank}] epoch {epoch} {step_type} loss {loss:.3f}')", ["epoch", "loss"], "epoch"),
        (
            "print(f'epoch {epoch} ({dt:.1f} ms | loss {loss:.3f} | {tps:.0f} tok/s)')",
            ["epoch", "dt", "loss", "tps"],
            "epoch",
        ),
        ("print(f'epoch {epoch} all:{dt:.0f}ms step_avg:{a:.2f}ms')", ["epoch", "all", "step_avg"], "epoch"),
        (
            "print(f'epoch {epoch} | Train/Val/Test loss: {a:.3f}/{b:.3f}/{c:.3f}')",
            ["epoch", "train_loss", "val_loss", "test_loss"],
            "epoch",
        ),
        (
            "print(f'epoch {epoch} mean/median reward {a:.1f}/{b:.1f}, best {c:.1f}')",
            ["epoch", "mean_reward", "median_reward", "best"],
            "epoch",
        ),
        ("print(f'epoch {epoch} acc: {a:.2f} ± {b:.2f}')", ["epoch", "acc", "acc_std"], "epoch"),
        (
            "print('epoch {} loss: {:.3f}, Accuracy: {}/{} ({:.0f}%)'.format(epoch, x, right, n, 100 * right / n))",
            ["epoch", "loss", "right", "n"],
            "epoch",
        ),
        (
            "print(f'run: {run:02d}, epoch: {epoch:02d}, val: {100 * val:.2f}%')",
            ["epoch", "val"],
            "epoch",
        ),
        ("print({'epoch': epoch, 'loss': float(loss), 'split': split})", ["epoch", "loss"], "epoch"),
        ("print(f'epoch {epoch}: best acc is {best:.2f}')", ["epoch", "best_acc"], "epoch"),
    ],
)
def test_what_counts_and_what_is_measured_are_told_apart(tmp_path, line, names, step):
    assert read(tmp_path, line) == [(names, step)]


@pytest.mark.parametrize(
    ("line", "names", "step"),
    [
        (
            "print(f'last {len(rewards)} training episodes: mean reward {r:.1f}')",
            ["train_mean_reward"],
            "count",
        ),
        ("print(f'tested on {n} episodes: {test_score:.2f}')", ["test_score"], "count"),
        ("print(f'Episode {e} | Steps {t} | Reward {r:.1f}')", ["episode", "reward"], "episode"),
        ("print(f'Episode {len(rewards)} | Reward {r:.1f}')", ["episode", "reward"], "episode"),
    ],
)
def test_how_many_episodes_there_are_is_no_step_and_no_metric(tmp_path, line, names, step):
    assert read(tmp_path, line, ["for e in range(9):"]) == [(names, step)]


@pytest.mark.parametrize(
    "line",
    [
        "print(f'epoch {epoch} finished, took {seconds:.1f} s')",
        "print(f'Accuracy of {classes[i]: >5s}: {share:2.0f} %')",
        "print(f'Speed: {n / dt:.1f} samples/sec')",
        "print('Accuracy of %5s: %2d %%' % (classes[i], 100 * right[i] / total[i]))",
        "print(f'done {done}/{total} of it')",
        "print(f'[numeric error] {key} holds nan')",
        "print(f'epoch {epoch} img/sec/core: {speed:.1f}, ETA: {left:.2f} m')",
    ],
)
def test_a_line_of_times_of_parts_of_the_work_or_of_each_class_is_not_read(tmp_path, line):
    assert read(tmp_path, line) == []
