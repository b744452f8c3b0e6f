import ast

import pytest

from sweeps.authoring.outputs.prints.line_shares import is_of_right_ones, is_same, share_of
from sweeps.authoring.outputs.prints.print_text import Hole
from sweeps.sources.proposals.shares import Share


def hole(expression, spec=""):
    return Hole(ast.parse(expression, mode="eval").body, spec)


@pytest.mark.parametrize(
    ("part", "between", "whole", "is_share"),
    [
        (hole("correct"), "/", hole("len(loader.dataset)"), True),
        (hole("correct"), " of ", hole("total"), True),
        (hole("correct"), " out of ", hole("540"), True),
        (Hole(None, "d"), "/", Hole(None, "d"), True),
        (hole("k"), "/", hole("x.size(0)"), True),
        (hole("acc"), "/", hole("best_acc"), False),
        (hole("acc", ".3f"), "/", hole("total", ".3f"), False),
        (hole("correct"), " and ", hole("total"), False),
    ],
)
def test_two_numbers_are_a_share_where_the_second_counts_all(part, between, whole, is_share):
    found = share_of("accuracy", part, "correct", between, whole, "total" if is_share else "best_acc")
    assert found == (Share("accuracy", "correct", "total" if isinstance(whole.node, ast.Name) else "n") if is_share else None)  # fmt: skip


def test_a_number_in_percent_behind_a_share_says_it_again():
    assert is_same(" (", hole("p", ".0f"), "%)")
    assert is_same(" = ", hole("p", ".1%"), "")
    assert not is_same(", loss ", hole("p", ".1f"), "%")
    assert not is_same(" (", hole("p", ".1f"), "s)")


def test_an_expression_may_say_that_it_is_a_share_of_correct_ones():
    assert is_of_right_ones(hole("100. * correct / len(x)").node)
    assert is_of_right_ones(hole("float(self.num_correct) / n * 100").node)
    assert not is_of_right_ones(hole("loss / n").node)
    assert not is_of_right_ones(None)
