import contextlib
import io
import re

import pytest

from sweeps.authoring.outputs.prints.printed_lines import printed_by
from tests.sweeps.authoring.scripts import script_of

LOOP = """
import logging
loss, acc, train_loss = 0.5, 0.75, 1e-5
def show(epoch, i, n):
    {line}
for epoch in range({first}, 4):
    for i in range(3):
        {line}
"""


def patterns(folder, text):
    return [(source.text, source.step) for source in printed_by(script_of(folder, text))]


@pytest.mark.parametrize(
    ("line", "groups", "step"),
    [
        ("print(f'Epoch {epoch}: train loss {train_loss:.4f}, acc {acc:.1%}')", {"epoch": "1", "train_loss": "0.0000", "acc": "75.0"}, "epoch"),
        ("print('Epoch [{}/{}], Step [{}/{}], Loss: {:.4f}'.format(epoch, 4, i + 1, 3, loss))", {"epoch": "1", "step": "1", "of": "3", "loss": "0.5000"}, "(epoch - 1) * of + step"),
        ("print('epoch', epoch, 'loss', loss)", {"epoch": "1", "loss": "0.5"}, "epoch"),
        ("print(f'Train: {epoch} [{i:>4d}/{3}] loss {loss:.3f}')", {"epoch": "1", "batch": "0", "of": "3", "train_loss": "0.500"}, "(epoch - 1) * of + batch"),
        ("print(f'iter {i}/{3} loss {loss:.3f}')", {"loss": "0.500"}, "all"),
        ("print(f'dt {epoch * 1.5:.2f}ms; iter {i}: loss {loss:.3f}')", {"dt": "1.50", "loss": "0.500"}, "all"),
        ("print('iter %d | loss=%.2e' % (i, loss))", {"loss": "5.00e-01"}, "all"),
        ("print('iter %d | loss=%.2e' % (epoch * 3 + i, loss))", {"iter": "3", "loss": "5.00e-01"}, "iter"),
        ("print(f'\\nloss={loss:8.3f}ms')", {"loss": "0.500"}, "count"),
    ],
)  # fmt: skip
def test_a_pattern_reads_the_line_that_the_call_prints(tmp_path, line, groups, step):
    text = LOOP.format(line=line, first=1)
    (found,) = printed_by(script_of(tmp_path, text))
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        exec(text, {})  # noqa: S102 - the test's own script, to have the lines that it prints
    matches = [match for row in shown.getvalue().splitlines() if (match := re.search(found.text, row))]
    assert len(matches) == 9
    assert matches[0].groupdict() == groups
    assert (found.several or found.step or "step") == step


@pytest.mark.parametrize(
    ("call", "metrics"),
    [
        ("print(t, loss)", {"loss": "0.5"}),
        ("print(f'{t}: {loss:.3f} {acc}')", {"loss": "0.500", "acc": "0.75"}),
        ("print(f'[{t}] loss {loss}')", {"loss": "0.5"}),
    ],
)
def test_the_variable_of_the_outermost_loop_is_the_step_whatever_it_is_called(tmp_path, call, metrics):
    text = f"loss, acc = 0.5, 0.75\nfor t in range(3):\n    {call}\n    print('3 of 9 done')\n"
    (found,) = printed_by(script_of(tmp_path, text))
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        exec(text, {})  # noqa: S102 - the test's own script, to have the lines that it prints
    rows = shown.getvalue().splitlines()
    matches = [match.groupdict() for row in rows if (match := re.search(found.text, row))]
    assert matches == [{"step": str(t), **metrics} for t in range(3)]
    assert (found.step, found.several) == ("", "")


def test_bare_numbers_without_a_loop_that_counts_them_are_no_metrics(tmp_path):
    assert patterns(tmp_path, "for name in names:\n    print(name, loss)\n") == []
    inner = "for e in range(9):\n    for i in range(9):\n        print(i, loss)\n"
    assert patterns(tmp_path, inner) == []


def test_what_counts_and_is_no_step_is_no_metric_either(tmp_path):
    line = "print(f'epoch {epoch} batch {i} loss {loss:.3f}')"
    (found,) = patterns(tmp_path, LOOP.format(line=line, first=0))
    assert found == (r"epoch\s+(?P<epoch>\d+)\s+batch\s+\d+\s+loss\s+(?P<loss>[-+.\w]+)", "count")


def test_an_epoch_that_begins_with_0_counts_from_0(tmp_path):
    line = "print(f'epoch {epoch} step {i}/{n} loss {loss:.3f}')"
    assert patterns(tmp_path, LOOP.format(line=line, first=0))[0][1] == "epoch * of + step"


def test_what_is_printed_once_is_final_and_what_a_loop_calls_is_carried(tmp_path):
    found = patterns(
        tmp_path,
        """
        def evaluate():
            print(f"val acc {acc:.3f}")
        for epoch in range(3):
            print(f"epoch {epoch} loss {loss:.3f}")
            evaluate()
        print(f"test accuracy {acc:.3f}")
        print(f"training on {device}")
        print(f"{n} parameters")
        print(f"{len(x)}")
        """,
    )
    assert [step for _, step in found] == ["epoch", "carried", "final"]


def test_what_a_loop_calls_is_counted_where_no_other_line_leads_it(tmp_path):
    text = "def fit():\n    print(f'loss {loss:.3f}')\nfor epoch in range(3):\n    fit()\n"
    assert [step for _, step in patterns(tmp_path, text)] == ["count"]


@pytest.mark.parametrize(
    "text",
    [
        """
        for sweep in range(5):
            def closure():
                print("loss:", loss.item())
                return loss
            optimizer.step(closure)
        """,
        """
        def report(x):
            print(f"residual error {error(x):.3g}")
        minimize(f, x0, callback=report)
        """,
        """
        def main():
            for fold in range(3):
                train()
        def train():
            for epoch in range(10):
                print(f"epoch {epoch} loss {loss:.3f}")
        main()
        """,
    ],
)
def test_values_that_come_again_and_again_at_one_step_are_a_curve_of_counted_ones(tmp_path, text):
    (source,) = printed_by(script_of(tmp_path, text))
    assert (source.step, source.several) == ("", "all")
    assert "P<epoch>" not in source.text


def test_a_second_loss_is_called_by_its_phase(tmp_path):
    found = patterns(
        tmp_path,
        """
        for epoch in range(3):
            print(f"train: epoch {epoch} loss {loss:.3f}")
            print(f"valid: epoch {epoch} loss {loss:.3f}")
        """,
    )
    assert [re.search(r"P<(\w*loss)>", text)[1] for text, _ in found] == ["train_loss", "valid_loss"]


def test_a_metric_has_the_phase_that_its_text_begins_with(tmp_path):
    found = patterns(
        tmp_path,
        r"""
        for epoch in range(3):
            print(f"Train Epoch: {epoch}\tLoss: {loss:.6f}, lr {lr:.3g}")
            print(f"Test Error: {epoch}\n Accuracy: {100 * correct / size:>0.1f}%, Avg loss: {test_loss:>8f} \n")
            print(f"{epoch}: train loss {a:.3f} acc {b:.3f} val loss {c:.3f} acc {d:.3f}; test size {n}, err {err:.2f}")
        """,
    )
    names = {name for text, _ in found for name in re.findall(r"P<(\w+)>", text)}
    assert {"train_loss", "lr", "test_accuracy", "test_avg_loss"} <= names
    assert {"acc", "val_loss", "val_acc", "err"} <= names


def test_the_batches_of_a_validation_belong_to_the_end_of_the_epoch_before_them(tmp_path):
    text = """
    def validate(loader, name):
        for batch_idx, batch in enumerate(loader):
            print(f"Test: [{batch_idx}/{len(loader)}] acc {acc:.2f}")
    for epoch in range(3):
        for i, batch in enumerate(loader):
            print(f"Train: {epoch} [{i}/{len(loader)}] loss {loss:.4f}")
        validate(other, "x")
    """
    steps = {re.findall(r"P<(\w+)>", source)[-1]: step for source, step in patterns(tmp_path, text)}
    assert steps == {"train_loss": "epoch * of + batch", "test_acc": "(epoch + 1) * of"}
    assert not any(
        "P<of>" in source for source, step in patterns(tmp_path, text) if step == "(epoch + 1) * of"
    )


EPOCHS = """
def train(epoch):
    for i, batch in enumerate(loader):
        if i % 10 == 0:
            print(f"Train Epoch: {epoch} [{i}/{len(loader)}] loss: {loss:.4f}")
def test():
    for batch in other:
        pass
    print(f"Test loss: {test_loss:.4f}")
for epoch in range(FIRST, 4):
    BODY
"""


@pytest.mark.parametrize(
    ("first", "body", "step"),
    [
        (1, "train(epoch); test()", "epoch * of"),
        (0, "train(epoch); test()", "(epoch + 1) * of"),
        (1, "test(); train(epoch)", "epoch * of"),
        (1, "train(epoch); print(f'Test loss: {test_loss:.4f}')", "epoch * of"),
        (1, "train(epoch)\n    print(f'epoch {epoch} done')\n    test()", "carried"),
    ],
)
def test_a_test_after_the_batches_of_an_epoch_stands_at_its_end(tmp_path, first, body, step):
    found = printed_by(script_of(tmp_path, EPOCHS.replace("FIRST", str(first)).replace("BODY", body)))
    steps = {re.findall(r"P<(\w+)>", one.text)[-1]: one.step for one in found}
    assert steps["test_loss"] == step


def test_a_test_between_batches_stands_at_the_last_of_them(tmp_path):
    text = (
        EPOCHS.replace("FIRST", "1")
        .replace("BODY", "train(epoch)")
        .replace("            print(", "            test(); print(")
    )
    found = printed_by(script_of(tmp_path, text))
    steps = {re.findall(r"P<(\w+)>", one.text)[-1]: one.step for one in found}
    assert steps["test_loss"] == "carried"


def shown_by(patterns, line):
    """The metrics that these patterns read of a line."""
    return {name for text, _ in patterns if (found := re.search(text, line)) for name in found.groupdict()}


@pytest.mark.parametrize(
    ("first", "second", "lines"),
    [
        ("print('val err:', e)", "print('err:', e)", {"val err: 1": {"val_err"}, "err: 1": {"err"}}),
        ("log.info('val err: %g', e)", "log.info('err: %g', e)", {"INFO val err: 1": {"val_err"}, "INFO err: 1": {"err"}}),
        ("tqdm.write(f'val err: {e}')", "tqdm.write(f'err: {e}')", {"val err: 1": {"val_err"}, " 9%|# | 1/9 [00:01]err: 1": {"err"}}),
        ("print('val err:', e, end=' ')", "print('err:', e)", {"val err: 1 err: 2": {"val_err", "err"}, "val err: 1": {"val_err"}}),
        ("print('now', 3, 'best err:', e)", "print('err:', e)", {"now 3 best err: 1": {"best_err"}, "err: 1": {"err"}}),
        ("print(x, 'best so far: err', e)", "print('err', e)", {"a best so far: err 1": {"err_2"}, "err 1": {"err"}}),
    ],
)  # fmt: skip
def test_a_pattern_reads_no_line_that_another_is_meant_for(tmp_path, first, second, lines):
    uses_bars = "from tqdm import tqdm\n" if "tqdm" in first else ""
    text = f"{uses_bars}import logging\nlog = logging.getLogger()\nfor epoch in range(3):\n    {second}\n    {first}\n"
    found = patterns(tmp_path, text)
    assert len(found) == 2
    assert {line: shown_by(found, line) for line in lines} == lines


def test_lines_that_begin_alike_are_told_apart_by_their_ends(tmp_path):
    found = patterns(
        tmp_path,
        """
        def fit():
            for batch in loader:
                print(f"err: {err:.3f}")
        def test():
            print(f"err: {err:.1%}, acc: {acc:.1%}")
        for epoch in range(3):
            fit()
            test()
        """,
    )
    assert shown_by(found, "err: 0.500") == {"err"}
    assert shown_by(found, "err: 50.0%, acc: 75.0%") == {"test_err", "acc"}


def test_a_line_that_is_printed_once_is_not_taken_for_one_of_a_loop(tmp_path):
    found = patterns(tmp_path, "for epoch in range(3):\n    print('err', err)\nprint('final err', err)\n")
    assert shown_by(found, "final err 0.5") == {"final_err"}


def test_two_counted_lines_never_share_a_name(tmp_path):
    text = "for epoch in range(3):\n    print(f'a {x} err: {e:.2f}')\n    print(f'b {x} err: {e:.2f}')\n"
    names = [name for source, _ in patterns(tmp_path, text) for name in re.findall(r"P<(\w*err\w*)>", source)]
    assert names == ["err", "err_2"]


def test_a_line_that_only_counts_gives_its_step_to_those_after_it_in_the_same_loop(tmp_path):
    found = printed_by(
        script_of(
            tmp_path,
            """
            def fit():
                for x in loader:
                    print(f"err: {err:.3f}")
            def evaluate():
                print(f"dev err: {err:.3f}")
            print(f"seed {seed}")
            for n in range(9):
                print(f"lr {lr:.2g}")
                print(f"Round {n + 1}/{rounds}\\n----")
                fit()
                evaluate()
                print(f"gap: {gap:.3f}")
            """,
        )
    )
    told = {re.findall(r"P<(\w+)>", one.text)[-1]: (one.step, one.several, one.leads) for one in found}
    assert told == {
        "round": ("round", "", True),
        "err": ("", "all", False),
        "dev_err": ("carried", "", False),
        "gap": ("carried", "", False),
        "lr": ("count", "", False),
    }
    assert found[0].leads


def test_a_counter_of_a_line_with_metrics_leads_as_well_and_one_that_nobody_follows_is_not_read(tmp_path):
    text = "for n in range(9):\n    print(f'epoch {n}')\n    print(f'iter {n} err {err:.3f}')\n    print(f'gap {gap:.3f}')\n"
    assert [step for _, step in patterns(tmp_path, text)] == ["iter", "carried"]


SHARES = """
correct, total, loss, data = 3, 4, 0.5, range(4)
for epoch in range(1, 4):
    print(f"epoch {{epoch}}")
    {line}
"""


@pytest.mark.parametrize(
    ("line", "groups", "derived"),
    [
        ("print('\\nTest set: Average loss: {:.4f}, Accuracy: {}/{} ({:.0f}%)\\n'.format(loss, correct, len(data), 100. * correct / len(data)))", {"test_average_loss": "0.5000", "correct": "3", "n": "4"}, {"test_accuracy": "correct / n"}),
        ("print(f'acc {correct}/{total}')", {"correct": "3", "total": "4"}, {"acc": "correct / total"}),
        ("print(f'Accuracy: ({100 * correct / total:.0f}%)')", {"accuracy": "75"}, {}),
        ("print(f'Images: {100 * correct / total:.0f} %')", {"accuracy": "75"}, {}),
        ("print(f'Correct: {correct} of {total}')", {"correct": "3", "total": "4"}, {"accuracy": "correct / total"}),
        ("print(f'{correct}/{total} = {100 * correct / total:.1f}%')", {"correct": "3", "total": "4"}, {"accuracy": "correct / total"}),
        ("print(f'Accuracy: {1000 * correct:,}/{4000:,} ({75.0:.2f}%)')", {"correct": "3,000", "n": "4,000"}, {"accuracy": "correct / n"}),
        ("print(f'Got {correct}/{total}, accuracy {75.0:.2f}')", {"accuracy": "75.00"}, {}),
        ("print(f'loss {loss:.3f}, {correct}/{total} files')", {"loss": "0.500", "correct": "3", "total": "4"}, {"accuracy": "correct / total"}),
    ],
)  # fmt: skip
def test_a_number_out_of_another_is_a_share_of_it(tmp_path, line, groups, derived):
    text = SHARES.format(line=line)
    found = printed_by(script_of(tmp_path, text))[-1]
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        exec(text, {})  # noqa: S102 - the test's own script, to have the lines that it prints
    matches = [match for row in shown.getvalue().splitlines() if (match := re.search(found.text, row))]
    assert [match.groupdict() for match in matches] == [groups] * 3
    assert (dict(found.derived), found.step) == (derived, "carried")


def test_shares_of_two_lines_have_names_of_their_own_and_their_numbers_need_none(tmp_path):
    text = "for epoch in range(3):\n    print(f'train {epoch} acc {correct}/{total}')\n    print(f'val {epoch} acc {correct}/{total}')\n"
    found = printed_by(script_of(tmp_path, text))
    assert [dict(one.derived) for one in found] == [
        {"train_acc": "correct / total"},
        {"val_acc": "correct / total"},
    ]


def test_what_a_call_gives_is_a_number_where_the_words_before_it_name_a_metric(tmp_path):
    def patterns(shown):
        script = script_of(tmp_path, f"for epoch in range(3):\n    print(f'{shown}')\n")
        return [source.text for source in printed_by(script)]

    assert patterns("epoch={epoch} val_acc={evaluate(model)}") == [
        r"epoch=(?P<epoch>\d+)\s+val_acc=(?P<val_acc>[-+.\w]+)"
    ]
    assert patterns("epoch={epoch} loss={str(criterion)}") == []
    assert patterns("epoch={epoch} mode={mode_of(model)}") == []


def test_folds_are_the_steps_of_a_line_that_counts_them(tmp_path):
    text = "import logging\nfor i, (train, test) in enumerate(split(x), 1):\n    logging.info('fold %d/%d auc=%.3f', i, n, auc)\n"
    ((pattern, step),) = patterns(tmp_path, text)
    assert step == "fold"
    assert re.search(pattern, "fold 3/5 auc=0.871").groupdict() == {"fold": "3", "auc": "0.871"}
