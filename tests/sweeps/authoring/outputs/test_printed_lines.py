import contextlib
import io
import re

import pytest

from sweeps.authoring.outputs.printed_lines import printed_by
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
        ("print(f'Train: {epoch} [{i:>4d}/{3}] loss {loss:.3f}')", {"epoch": "1", "batch": "0", "of": "3", "loss": "0.500"}, "(epoch - 1) * of + batch"),
        ("print(f'iter {i}/{3} loss {loss:.3f}')", {"iter": "0", "loss": "0.500"}, "iter"),
        ("print(f'dt {epoch * 1.5:.2f}ms; iter {i}: loss {loss:.3f}')", {"dt": "1.50", "iter": "0", "loss": "0.500"}, "iter"),
        ("print('iter %d | loss=%.2e' % (i, loss))", {"iter": "0", "loss": "5.00e-01"}, "iter"),
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
    assert (found.step or "step") == step


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
            evaluate()
        print(f"test accuracy {acc:.3f}")
        print(f"training on {device}")
        print(f"{n} parameters")
        print(f"{len(x)}")
        """,
    )
    assert [step for _, step in found] == ["carried", "final"]


def test_a_second_loss_is_called_by_its_phase(tmp_path):
    found = patterns(
        tmp_path,
        """
        for epoch in range(3):
            print(f"train: epoch {epoch} loss {loss:.3f}")
            print(f"valid: epoch {epoch} loss {loss:.3f}")
        """,
    )
    assert [re.search(r"P<(\w*loss)>", text)[1] for text, _ in found] == ["loss", "valid_loss"]


def test_the_batches_of_a_validation_belong_to_the_step_before_them(tmp_path):
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
    assert steps == {"loss": "epoch * of + batch", "acc": "carried"}
    assert not any("P<batch>" in source for source, step in patterns(tmp_path, text) if step == "carried")
