import re

import pytest

from sweeps.sources.proposals.printed import lines_with_numbers, printed_forms

E = range(1, 6)
FORMS = [
    ([f"Epoch [{e}/10], Loss: {1 / e:.4f}, Acc: {e * 3}" for e in E], ("loss", "acc"), "epoch"),
    (
        [f"Train Epoch: {e} [{b * 64}/60000 ({b}%)]\tLoss: {1 / (b + 1):.6f}" for e in (1, 2) for b in E],
        ("train_loss",),
        "(epoch - 1) * of + batch",
    ),
    (
        [f"step {s}: train loss {1 / (s + 1):.4f}, val loss {2 / (s + 1):.4f}" for s in range(0, 500, 100)],
        ("train_loss", "val_loss"),
        "step",
    ),
    (
        [f"iter {i}: loss {i / 3:.4f}, time {i * 7:.2f}ms, mfu -100.00%" for i in range(6)],
        ("loss", "time"),
        "iter",
    ),
    ([str({"loss": 1 / e, "lr": 1e-5 * e, "epoch": e / 2}) for e in E], ("loss", "lr"), "count"),
    ([f"epoch={e} loss={e / 7:.3f}" for e in E], ("loss",), "epoch"),
    (
        [f"2024-01-0{e} 10:00:0{e},123 - INFO - epoch {e}: accuracy {e * 0.1:.3f}" for e in E],
        ("accuracy",),
        "epoch",
    ),
    (
        [f"Episode {e}\tLast reward: {e * 2}.00\tAverage reward: {e * 1.5:.2f}" for e in E],
        ("last_reward", "average_reward"),
        "episode",
    ),
    (
        [f"epoch {1 + b // 3} | lr 5.00 | loss {b / 9:5.2f} | ppl {b * 7 / 3:8.2f}" for b in E],
        ("loss", "ppl"),
        "count",
    ),
    ([f"done: f1-score {e / 9}" for e in E], ("f1_score",), "count"),
    ([f"{e:2d}/10 - loss: {e / 9:.3f}" for e in range(8, 12)], ("loss",), "count"),
    ([f"n_episode :{e * 20}, score : {e / 7:.1f}, eps : {9 - e}.0%" for e in E], ("score", "eps"), "episode"),
    ([f"epoch {e}, loss {e / 7:.3f}, acc {e}, done" for e in E], ("loss", "acc"), "epoch"),
    ([f"num_steps 500 loss {e / 7:.3f}" for e in E], ("loss",), "count"),
]


@pytest.mark.parametrize(("lines", "metrics", "step"), FORMS, ids=[lines[0] for lines, _, _ in FORMS])
def test_the_form_of_lines_is_found_and_its_pattern_reads_each(lines, metrics, step):
    (form,) = printed_forms(["loading 3 files", *lines, "saved"])
    assert (form.metrics, form.step, form.count, form.example) == (
        metrics,
        step,
        len(lines),
        lines[-1].strip(),
    )
    for line in lines:
        found = re.search(form.pattern, line)
        assert found is not None, (form.pattern, line)
        assert all(float(found[name]) == float(found[name]) for name in metrics)
        names = set(re.findall(r"[a-z_]+", step)) - {"count"}
        assert names <= found.groupdict().keys()


TABLES = [
    (
        [
            "  epoch    train_loss    valid_acc     dur",
            "-------  ------------  -----------  ------",
            *(f"     {e:2d}        {1 / e:.4f}       {e / 9:.4f}  0.0{e}70" for e in E),
        ],
        ("train_loss", "valid_acc", "dur"),
        "epoch",
        lambda e: 1 / e,
    ),
    (
        ["| Iter | Train Loss | Acc (%) |", "|---|---|---|", *(f"| {e} | {1 / e:.3f} | {e}.1 |" for e in E)],
        ("train_loss", "acc"),
        "iter",
        lambda e: 1 / e,
    ),
    (
        ["epochs eps time err", *(f"{e} 0.{e} 00:0{e} {1 / e:.1e}" for e in E)],
        ("eps", "err"),
        "epoch",
        lambda e: e / 10,
    ),
    (
        ["loss err", "=========", *(f"{1 / e:.3f} {e / 7:.3f}" for e in E)],
        ("loss", "err"),
        "count",
        lambda e: 1 / e,
    ),
]


@pytest.mark.parametrize(("lines", "metrics", "step", "first"), TABLES, ids=[table[0][0] for table in TABLES])
def test_the_columns_of_a_printed_table_are_called_as_its_head_says(lines, metrics, step, first):
    (form,) = printed_forms(["Training", *lines, "done"])
    assert (form.metrics, form.step, form.count) == (metrics, step, len(E))
    rows = [found for line in lines if (found := re.search(form.pattern, line))]
    assert [float(row[metrics[0]]) for row in rows] == [pytest.approx(first(e), abs=1e-3) for e in E]


def bar(n, told, before=""):
    """A look of tqdm's bar over four batches."""
    blocks = "█" * n + "▌" * (n < 4) + " " * (3 - n)
    rate = f"[00:0{n}<00:0{4 - n}, {1.5 + n}it/s" if n else "[00:00<?, ?it/s"
    return f"{before}{25 * n:3d}%|{blocks}| {n}/4 {rate}{told}]"


def test_what_a_bar_shows_holds_for_its_epoch_as_far_as_that_is():
    named = [bar(n, f", loss={1 / (e + n):.3f}", f"Epoch {e}: ") for e in E for n in range(5)]
    forms = printed_forms(named)
    assert {(form.metrics, form.step, form.several) for form in forms} == {(("loss",), "epoch", "")}
    assert {form.pattern for form in forms} == {forms[0].pattern}
    assert all(re.search(forms[0].pattern, line) for line in named)
    below = [line for e in E for line in (f"Epoch {e}/5", *(bar(n, f", acc={e * n}") for n in range(5)))]
    head, form = printed_forms(below)
    assert (head.metrics, form.metrics, form.step, form.several) == ((), ("acc",), "carried", "")


def test_without_an_epoch_what_a_bar_counts_is_the_step():
    (form,) = printed_forms(
        bar(n, f", loss={1 / (n + again + 1):.3f}") for n in range(5) for again in range(2)
    )
    assert (form.metrics, form.step) == (("loss",), "it")
    assert re.search(form.pattern, bar(3, ", loss=0.5")).groupdict() == {"it": "3", "loss": "0.5"}
    anew = printed_forms(bar(n, f", loss={1 / (n + 1):.3f}") for _ in E for n in range(5))
    assert [form.step for form in anew] == ["count"]


def test_rows_below_a_head_of_fewer_or_more_words_have_no_names():
    assert printed_forms(["epoch loss", "3 7 9", "4 8 1", "epoch loss err gap", "3 7 9", "4 8 1"]) == []


def test_forms_with_more_lines_come_first():
    lines = [*(f"epoch {e} acc {e / 3}" for e in range(3)), *(f"batch {e} loss {e / 3}" for e in range(9))]
    assert [form.metrics for form in printed_forms(lines)] == [("loss",), ("acc",)]


def read_by(forms, line):
    return {name for form in forms for name in form.metrics if re.search(form.pattern, line)}


def test_a_form_does_not_read_the_lines_of_another_one_nor_a_single_line():
    lines = [text for n in range(4) for text in (f"err: {n / 3}", f"  dev err: {n / 7}", f"err: {n / 9}")]
    forms = printed_forms([*lines, "overall err: 0.5"])
    assert read_by(forms, "err: 0.5") == {"err"}
    assert read_by(forms, "  dev err: 0.5") == {"dev_err"}
    assert read_by(forms, "overall err: 0.5") == set()


def test_what_counts_and_is_no_step_is_no_metric_either():
    (form,) = printed_forms(f"epoch {1 + b // 3} batch {b % 3} err {b / 9}" for b in range(9))
    assert (form.step, form.metrics) == ("count", ("err",))
    assert "P<epoch>" in form.pattern
    assert "P<batch>" not in form.pattern


def test_a_number_out_of_another_is_a_share_of_it():
    lines = [
        f"Test set: Average loss: {1 / e:.4f}, Accuracy: {500 + e}/540 ({(500 + e) / 5.4:.0f}%)" for e in E
    ]
    (form,) = printed_forms(lines)
    assert (form.metrics, form.derived) == (
        ("test_average_loss", "test_accuracy"),
        (("test_accuracy", "correct / n"),),
    )
    found = re.search(form.pattern, lines[0])
    assert found.groupdict() == {"test_average_loss": "1.0000", "correct": "501", "n": "540"}


@pytest.mark.parametrize("line", ["loss: {}/{}", "Accuracy: {}.5/{}", "accuracy: {0} {1}", "step {}/{}"])
def test_other_numbers_side_by_side_are_no_share(line):
    assert not any(form.derived for form in printed_forms([line.format(e, 9) for e in E]))


def test_forms_that_share_a_name_get_names_of_their_own():
    lines = [f"{phase}: err {n / 3} top {n / 4}" for n in range(4) for phase in ("fit", "check")]
    assert [form.metrics for form in printed_forms(lines)] == [("err", "top"), ("check_err", "check_top")]


def test_lines_that_only_end_in_another_way_keep_their_names():
    lines = [f"epoch {n} err {n / 3}{' saved' * (n % 2)}" for n in range(8)]
    first, second = printed_forms(lines)
    assert (first.pattern, first.metrics) == (second.pattern, second.metrics) == (first.pattern, ("err",))


@pytest.mark.parametrize(
    "lines",
    [
        ["hello", "world"],
        ["loss: 0.5"],
        ["using 4 workers", "using 4 workers"],
        ["12:30:01 ready", "12:30:02 ready"],
        ["3 7 9", "4 8 1"],
        ["x" * 100_000],
    ],
)
def test_lines_without_metrics_have_no_form(lines):
    assert printed_forms(lines) == []


def test_line_numbers_of_tracebacks_and_errors_are_no_metrics():
    def traceback(n):
        return [
            "Traceback (most recent call last):",
            f'  File "/x/train.py", line {n}, in main',
            f"    fit(epochs={n}, lr={n / 10})",
            f"ValueError: lr {n / 10} of {n}",
        ]

    lines = [*traceback(1), "epoch 1 loss 0.5", *traceback(2), "epoch 2 loss 0.25"]
    assert [form.metrics for form in printed_forms(lines)] == [("loss",)]
    ranks = [f'[rank{n}]:   File "/x/train.py", line {n}, in main' for n in range(3)]
    assert printed_forms(ranks) == []


def test_lines_that_hold_a_number_with_a_name_are_counted():
    assert lines_with_numbers(["loss 0.5", "no", "12", "acc=1"]) == 2


def test_lines_without_a_counter_stand_after_those_that_lead_them():
    lines = []
    for n in range(4):
        lines += [f"lr {0.1 / (n + 1)}", f"Round {n}/4", f"err {n / 3}", f"err {n / 5}", f"gap {n / 9}"]
    head, *forms = printed_forms(lines)
    assert (head.pattern, head.metrics, head.step) == (r"Round\s+(?P<round>\d+)", (), "round")
    assert {form.metrics[0]: (form.step, form.several) for form in forms} == {
        "err": ("", "all"),
        "gap": ("carried", ""),
        "lr": ("count", ""),
    }


def test_a_counter_that_leads_nothing_or_begins_anew_is_no_form():
    assert [form.metrics for form in printed_forms(f"err {n / 3} at step {n}" for n in range(4))] == [
        ("err",)
    ]
    lines = [text for n in range(4) for text in (f"Round {n % 2}", f"err {n / 3}")]
    assert [form.step for form in printed_forms(lines)] == ["count"]
    assert printed_forms(f"Round {n}" for n in range(4)) == []
