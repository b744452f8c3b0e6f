import pytest

from analysis.stats.comparison import comparable, decide
from analysis.stats.seed_tests import Sample, compare_all, compare_two


def sample(label, *values):
    return Sample(label, dict(enumerate(values)))


LOW, HIGH = sample("low", 1.0, 1.1, 0.9, 1.05), sample("high", 2.0, 2.2, 1.9, 2.1)
NEAR = sample("near", 1.02, 1.08, 0.91, 1.04)


def test_two_settings_are_told_apart_where_their_pair_is():
    ((found,),) = decide([[HIGH, LOW]]).main
    assert (found.low, found.high, found.is_significant) == (LOW, HIGH, True)
    assert found.p == compare_two(HIGH, LOW).p
    assert found.interval[0] < found.difference < found.interval[1]


def test_of_three_settings_no_pair_counts_for_more_than_all_together():
    (pairs,) = decide([[LOW, HIGH, NEAR]]).main
    together = compare_all([LOW, HIGH, NEAR])
    by_name = {(pair.low.label, pair.high.label): pair for pair in pairs}
    assert all(pair.p >= together for pair in pairs)
    assert by_name["low", "high"].p == max(together, compare_two(LOW, HIGH).p)
    assert not by_name["low", "near"].is_significant


@pytest.mark.parametrize(
    "values",
    [
        [(1.0,), (2.0,)],
        [(1.0, 1.1), (2.0,)],
        [(0.1, 0.1, 0.1), (0.2, 0.2, 0.2)],
        [(0.3, 0.1 + 0.2), (0.2, 0.2)],
    ],
)
def test_single_runs_and_repeats_that_are_equal_up_to_rounding_are_not_tested(values):
    samples = [sample(str(each), *each) for each in values]
    assert comparable(samples) == ()
    assert decide([samples]).main == ((),)


def test_a_setting_with_one_seed_is_left_out_and_the_others_are_tested():
    ((found,),) = decide([[LOW, sample("single", 9.0), HIGH]]).main
    assert (found.low, found.high) == (LOW, HIGH)


def test_the_findings_of_a_page_share_the_level():
    alone = decide([[LOW, HIGH]]).main[0][0].p
    page = decide([[LOW, HIGH], [LOW, NEAR], [NEAR, LOW], [sample("single", 1.0)]])
    assert page.questions == 3
    assert page.main[0][0].p == pytest.approx(3 * alone)


def test_a_finding_whose_pairs_are_all_told_apart_hands_its_share_on():
    # Both stand at their own p, the greater of them, as in Holm's correction of two.
    weaker = sample("weaker", 1.3, 1.2, 1.4, 1.25)
    p, q = compare_two(LOW, HIGH).p, compare_two(LOW, weaker).p
    first, second = decide([[LOW, HIGH], [LOW, weaker]]).main
    assert (first[0].p, second[0].p) == (pytest.approx(2 * p), pytest.approx(max(q, 2 * p)))


def test_cells_are_one_more_finding_corrected_by_holms_rule():
    page = decide([[LOW, HIGH]], [[LOW, HIGH], [LOW, NEAR]])
    p, q = compare_two(LOW, HIGH).p, compare_two(LOW, NEAR).p
    assert page.questions == 1
    assert page.cells[0][0].p == pytest.approx(2 * p)
    assert page.cells[1][0].p == pytest.approx(min(1.0, max(q, 2 * p)))
    assert decide([[]]).main == ((),)


def test_holms_rule_steps_up_from_the_least_p_in_whatever_order_the_cells_stand():
    others = [sample("c", 1.3, 1.0, 1.2, 1.05), sample("b", 1.3, 1.2, 1.2, 1.25), HIGH]
    q, p, least = (compare_two(LOW, other).p for other in others)
    assert least < p < q < 0.3
    page = decide([], [[LOW, other] for other in others])
    expected = [max(q, 2 * p, 3 * least), max(2 * p, 3 * least), 3 * least]
    assert [group[0].p for group in page.cells] == pytest.approx(expected)


def test_no_p_of_a_page_is_above_1():
    page = decide([[LOW, NEAR]] * 4)
    assert compare_two(LOW, NEAR).p > 0.5
    assert {pairs[0].p for pairs in page.main} == {1.0}
