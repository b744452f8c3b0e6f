import pytest

from sweeps.sources.proposals.shares import (
    Share,
    derive_line,
    is_correct,
    is_score,
    read_derived,
    share_named,
)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("accuracy",), Share("accuracy", "correct", "n")),
        (("test_acc", "hits", "total"), Share("test_acc", "hits", "total")),
        (("correct", "k", "num"), Share("accuracy", "correct", "num")),
        (("test_correct",), Share("test_accuracy", "test_correct", "n")),
        (("", "num_correct", "n"), Share("accuracy", "num_correct", "n")),
        (("val_errors",), Share("val_error", "val_errors", "n")),
        (("error",), Share("error", "wrong", "n")),
        (("solved", "solved"), Share("solved_rate", "solved", "n")),
        (("acc", "acc", "acc"), Share("acc", "correct", "n")),
        (("loss", "x", "n"), None),
        (("terror",), None),
    ],
)
def test_names_tell_a_share_and_what_it_is_called(names, expected):
    assert share_named(*names) == expected


def test_the_line_that_derives_metrics_is_read_as_it_is_written():
    derived = [("accuracy", "correct / n"), ("val_accuracy", "right / total")]
    assert derive_line(derived) == "derive: {accuracy: correct / n, val_accuracy: right / total}"
    assert read_derived(f"      {derive_line(derived)}") == derived
    assert read_derived("    - stdout: 'x'") == []


def test_words_of_a_name_tell_what_it_counts():
    assert is_correct("num_correct")
    assert not is_correct("correction")
    assert is_score("test_acc")
    assert not is_score("account")
