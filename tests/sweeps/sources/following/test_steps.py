import math

import pytest

from sweeps.sources.following.steps import Stepped, StepRule, whole
from sweeps.sources.reader import Row
from sweeps.spec.trainer.source_model import Source
from tests.sweeps.sources.following.runs import Run, stdout


def of(source, values, step=None):
    return StepRule(source).of(Row(values, step))


@pytest.mark.parametrize(
    ("source", "values", "expected"),
    [
        (Source("stdout"), {"step": 3, "loss": 1}, Stepped({"loss": 1}, 3)),
        (Source("stdout"), {"epoch": 3, "loss": 1}, Stepped({"loss": 1}, 3)),
        (Source("stdout"), {"loss": 1}, Stepped({"loss": 1}, None)),
        (Source("csv"), {"epoch": 3, "step": 99, "loss": 1}, Stepped({"loss": 1}, 99)),
        (Source("csv"), {"epoch": 3, "step": 99, "loss": 1, "x": 5}, Stepped({"loss": 1, "x": 5}, 99)),
        (Source("csv", step="x"), {"epoch": 3, "step": 99, "loss": 1, "x": 5}, Stepped({"loss": 1}, 5)),
        (
            Source("stdout", step="(epoch - 1) * of + batch"),
            {"epoch": 2, "of": 10, "batch": 3, "loss": 1},
            Stepped({"loss": 1}, 13),
        ),
        (Source("stdout", step="epoch"), {"loss": 1}, Stepped({"loss": 1}, None)),
        (Source("stdout", step="7"), {"loss": 1}, Stepped({"loss": 1}, 7)),
        (Source("stdout", step="carried"), {"step": 3, "loss": 1}, Stepped({"loss": 1}, None)),
        (Source("stdout", several="all"), {"step": 3, "loss": 1}, Stepped({"loss": 1}, 3)),
        (Source("json"), {"epoch": 0.5, "loss": 1}, Stepped({"loss": 1}, 0)),
        (Source("csv"), {"step": math.nan, "epoch": 2, "loss": 1}, Stepped({"loss": 1}, 2)),
        (Source("stdout", derive=(("acc", "k / n"),)), {"k": 3, "n": 4, "x": 5}, Stepped({"acc": 0.75, "x": 5}, None)),
        (Source("csv", derive=(("n", "k / n"),)), {"k": 3, "n": 4, "epoch": 1}, Stepped({"n": 0.75}, 1)),
        (Source("csv", derive=(("acc", "k / n"),)), {"k": 3, "n": 0, "x": 5}, Stepped({"x": 5}, None)),
    ],
)  # fmt: skip
def test_what_makes_up_the_step_or_a_derived_metric_is_none(source, values, expected):
    found = of(source, values)
    assert Stepped(found.values, found.step) == expected


def test_a_step_may_ask_for_numbers_of_the_lines_before():
    rule = StepRule(Source("stdout", r"(?P<acc>\d+)", step="epoch * of"))
    assert rule.of(Row({"acc": 1}, before={"epoch": 2, "of": 10})).step == 20
    assert rule.of(Row({"acc": 1}, before={"epoch": 2})).step is None
    assert rule.of(Row({"acc": 1, "of": 5}, before={"epoch": 2, "of": 10})) == Stepped(
        {"acc": 1}, 10, ("epoch", "of")
    )


def test_a_step_that_a_reader_knows_stands():
    assert of(Source("tensorboard"), {"loss": 1, "epoch": 2}, step=5) == Stepped({"loss": 1, "epoch": 2}, 5)


@pytest.mark.parametrize(
    ("source", "counts"),
    [
        (Source("csv"), True),
        (Source("jsonl"), True),
        (Source("json"), False),
        (Source("stdout"), False),
        (Source("csv", step="x"), False),
        (Source("csv", step="carried"), False),
        (Source("stdout", step="count"), True),
        (Source("csv", several="all"), False),
    ],
)
def test_rows_of_tables_are_counted_where_nothing_says_their_step(source, counts):
    assert StepRule(source).counts_untold is counts


@pytest.mark.parametrize(
    ("value", "step"),
    [
        (3.0, 3),
        (56.99999999, 57),
        (0.5, 0),
        (1.9, 1),
        (-1, -1),
        (math.inf, None),
        (math.nan, None),
        (2**60 + 1, 2**60 + 1),
    ],
)
def test_a_step_is_a_whole_number(value, step):
    assert whole(value) == step


@pytest.mark.parametrize(
    ("step", "rule"), [("t", "t"), ("2 * t", "(2 * t)"), ("`t`", "`t`"), ("floor", None)]
)
def test_times_that_are_not_whole_are_told_with_the_step_that_keeps_each(tmp_path, capfd, step, rule):
    lines = "".join(f"t {n * 0.2:.3f} {n // 5} loss {n}\n" for n in range(8))
    pattern = r"t (?P<t>\S+) (?P<floor>\d+) loss (?P<loss>\S+)"
    made = Run(tmp_path, stdout(pattern, step=step)).attempt()
    made.prints(lines)
    made.ends()
    told = capfd.readouterr().err
    assert "of several values at one step the last stands" in told
    spacing = "0.4" if step == "2 * t" else "0.2"
    assert (f"`step: round({rule} / {spacing})` gives each row its own" in told) == (rule is not None)
    assert ("`several: {" in told) == (rule is None)


def test_the_step_that_is_told_of_times_keeps_each(tmp_path, capfd):
    made = Run(tmp_path, stdout(r"t (?P<t>\S+) loss (?P<loss>\S+)", step="round(t / 0.2)")).attempt()
    made.prints("".join(f"t {n * 0.2:.3f} loss {n}\n" for n in range(8)))
    made.ends()
    assert made.points()["loss"] == [(n, n) for n in range(8)]
    assert "gave way" not in capfd.readouterr().err


def test_a_whole_step_is_not_rounded(tmp_path):
    made = Run(tmp_path, stdout(r"step (?P<step>\d+) loss (?P<loss>\S+)")).attempt()
    steps = [1764432000123456789 + n for n in range(3)]
    made.prints("".join(f"step {step} loss 0.5\n" for step in steps))
    made.ends()
    assert [step for step, _ in made.points()["loss"]] == steps


@pytest.mark.parametrize("step", ["", "at"])
def test_a_row_whose_step_is_no_64_bit_integer_is_left_out_and_told(tmp_path, capfd, step):
    name = step or "step"
    made = Run(tmp_path, stdout(rf"step (?P<{name}>\d+) loss (?P<loss>\S+)", step=step)).attempt()
    made.prints(f"step 1 loss 0.5\nstep {2**63} loss 0.25\nstep {2**63 - 1} loss 0.125\n")
    made.ends()
    assert made.points()["loss"] == [(1, 0.5), (2**63 - 1, 0.125)]
    told = capfd.readouterr().err
    assert f"1 row is left out, as the step is none: {name} {2**63} is no 64-bit integer" in told


@pytest.mark.parametrize(
    ("kind", "text", "row"),
    [
        ("csv", "epoch,loss,test\n1,0.5,\n2,0.25,\n", "mean,0.4,0.7\n"),
        ("csv", "epoch,loss,test\n1,0.5,\n2,0.25,\n", ",0.4,0.7\n"),
        ("jsonl", '{"epoch": 1, "loss": 0.5}\n{"epoch": 2, "loss": 0.25}\n', '{"loss": 0.4, "test": 0.7}\n'),
    ],
)
@pytest.mark.parametrize("is_read_before", [True, False])
def test_a_last_row_without_a_step_stands_at_the_last_one_beside_what_is_there(
    tmp_path, capfd, kind, text, row, is_read_before
):
    made = Run(tmp_path, (kind, "run/files/m", {})).attempt()
    made.writes("m", text)
    if is_read_before:
        made.is_read()
        made.ends(finished=False).attempt(resumed=True)
    made.writes("m", row)
    made.ends()
    assert made.points() == {"loss": [(1, 0.5), (2, 0.25)], "test": [(2, 0.7)]}
    assert "1 value is left out, of 'loss': the row tells no step" in capfd.readouterr().err
