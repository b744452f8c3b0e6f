import pytest

from analysis.stats.seed_tests import Sample
from analysis.stats.words.phrases import (
    all_equal,
    capital,
    few,
    joined,
    n_words,
    p_words,
    prefixed,
    uncertain,
)


def test_names_are_joined_and_many_are_counted():
    assert joined(["a"]) == "a"
    assert joined(["a", "b", "c"]) == "a, b and c"
    assert few(["a", "b", "c", "d"]) == "4 others"
    assert all_equal([Sample(label, {1: 0.0}) for label in "ab"]) == "a and b are equal"
    assert all_equal([Sample(label, {1: 0.0}) for label in "abcd"]) == "the same in all"


def test_repeats_and_p_are_told_as_people_write_them():
    assert n_words([Sample("a", {1: 0.0}), Sample("b", {1: 0.0, 2: 1.0})]) == "n = 1 to 2"
    assert (p_words(0.0004), p_words(0.0412)) == ("< 0.001", "= 0.041")


def test_a_sentence_has_what_it_is_of_before_it_or_a_capital():
    assert prefixed("lr 0.1", "it differs") == "lr 0.1: it differs"
    assert prefixed("", "it differs") == "It differs"


@pytest.mark.parametrize(
    ("text", "begun"),
    [
        ("last val_acc", "Last val_acc"),
        ("test_acc", "test_acc"),
        ("val/loss of", "val/loss of"),
        ("training loss", "Training loss"),
    ],
)
def test_a_sentence_begins_with_a_capital_but_for_the_name_of_a_metric(text, begun):
    assert capital(text) == begun


def test_what_the_correction_takes_away_has_its_corrected_p_or_of_several_the_least_and_the_greatest():
    assert uncertain([("a", 0.052)]) == "not certain against a (corrected p = 0.052)"
    assert uncertain([("a", 0.3), ("b", 0.052)]) == "not certain against a and b (corrected p = 0.052 to 0.3)"
    assert uncertain([("a", 0.3)] * 5) == "not certain against 5 others (corrected p = 0.3)"
