import json

import pytest

from sweeps.sources.formats.documents import read_document


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "state.json"

    def write(content):
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def values(read):
    return [dict(row.values) for row in read.rows]


HISTORY = [{"step": 10, "loss": 0.5}, {"step": 20, "loss": 0.25}, {"step": 20, "eval_loss": 0.3}]


def test_only_what_is_new_in_a_list_is_read(document):
    first = read_document(document({"log_history": HISTORY[:1], "best": None}), {}, "log_history")
    assert values(first) == HISTORY[:1]
    second = read_document(document({"log_history": HISTORY, "best": 3}), first.position, "log_history")
    assert values(second) == HISTORY[1:]
    assert not any(row.is_again for row in second.rows)
    assert (
        read_document(document({"log_history": HISTORY}), second.position, "log_history").position
        == second.position
    )


def test_a_document_that_is_half_written_waits(document):
    read = read_document(document('{"log_history": [{"step": 1'), {"rows": 1, "digest": "x"}, "log_history")
    assert (read.rows, read.position) == ((), {"rows": 1, "digest": "x"})


def test_a_list_that_is_another_one_is_read_again_and_says_so(document):
    first = read_document(document({"log_history": HISTORY}), {}, "log_history")
    second = read_document(
        document({"log_history": [{"step": 10, "loss": 0.4}]}), first.position, "log_history"
    )
    assert values(second) == [{"step": 10, "loss": 0.4}]
    assert second.rows[0].is_again
    assert second.position["again"] == 1


def test_an_object_is_a_row_whenever_it_changes(document):
    first = read_document(document({"epoch": 1, "val": {"acc": 0.5}}), {})
    assert values(first) == [{"epoch": 1, "val/acc": 0.5}]
    assert read_document(document({"epoch": 1, "val": {"acc": 0.5}}), first.position).rows == ()
    assert values(read_document(document({"epoch": 2, "val": {"acc": 0.6}}), first.position)) == [
        {"epoch": 2, "val/acc": 0.6}
    ]


def test_columns_are_rows_with_their_index(document):
    read = read_document(document({"loss": [0.5, 0.25], "acc": [0.1, 0.2]}), {})
    assert values(read) == [{"loss": 0.5, "acc": 0.1, "step": 0}, {"loss": 0.25, "acc": 0.2, "step": 1}]


def test_a_place_that_is_not_there_holds_nothing(document):
    assert read_document(document({"a": {"b": 1}}), {}, "a.c").rows == ()
    assert values(read_document(document({"a": {"b": [{"step": 1, "x": 2}]}}), {}, "a.b")) == [
        {"step": 1, "x": 2}
    ]


ARGS = {"lr": 0.1, "name": "x"}


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ({"test_acc": 0.9, "args": ARGS, "run": {"config": ARGS, "loss": 2}}, [{"test_acc": 0.9, "run/loss": 2}]),
        (
            {"train": [3, 2, 1], "val": [5, 4], "best": 0.5, "args": ARGS},
            [{"train": 3, "val": 5, "step": 0}, {"train": 2, "val": 4, "step": 1}, {"train": 1, "step": 2}, {"best": 0.5}],
        ),
        ({"history": {"loss": [2, 1]}, "classes": ["a", "b"]}, [{"history/loss": 2, "step": 0}, {"history/loss": 1, "step": 1}]),
        ({"epochs": [5, 10], "loss": [2, 1]}, [{"epoch": 5, "loss": 2}, {"epoch": 10, "loss": 1}]),
        ({"log": [{"epoch": 5, "loss": 2}, {"epoch": 10, "loss": 1}], "best": 1}, [{"epoch": 5, "loss": 2}, {"epoch": 10, "loss": 1}, {"best": 1}]),
        ({"a": [{"x": 1}], "b": [{"x": 1}], "best": 1}, [{"best": 1}]),
        ({"names": ["a"], "matrix": [[1, 2], [3, 4]], "empty": []}, []),
    ],
)  # fmt: skip
def test_results_columns_and_a_list_are_read_without_what_was_asked_for(document, content, rows):
    assert values(read_document(document(content), {})) == rows


def test_several_lists_of_objects_are_told_once_with_what_reads_one(document):
    path = document({"train": [{"x": 1}], "run": {"val": [{"x": 1}]}})
    read = read_document(path, {})
    assert read.notes == [
        "state.json has several lists of objects (train, run.val), and none is read; `at: train` reads that one"
    ]
    assert read_document(path, read.position).notes == ()
    assert values(read_document(path, {}, "run.val")) == [{"x": 1, "step": 0}]


def test_of_what_stands_beside_a_list_only_a_change_is_read(document):
    first = read_document(document({"loss": [2], "best": 2, "lr": 1}), {})
    assert values(first) == [{"loss": 2, "step": 0}, {"best": 2, "lr": 1}]
    second = read_document(document({"loss": [2, 1], "best": 2, "lr": 1}), first.position)
    assert values(second) == [{"loss": 1, "step": 1}]
    assert not second.rows[0].is_again
    third = read_document(document({"loss": [2, 1], "best": 1, "lr": 1}), second.position)
    assert values(third) == [{"best": 1, "lr": 1}]
