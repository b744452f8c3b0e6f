import math

import pytest

from analysis.results.criterion import HIGHER, Criterion
from analysis.results.results import PSNR
from analysis.stats.comparison import decide
from analysis.stats.findings import effects_of
from analysis.stats.values.pairs import pairs_of
from tests.analysis.judged import judged
from tests.analysis.recorded import results_of, seed_sweep


def test_pairs_are_corrected_for_all_that_the_page_compares():
    found = results_of(seed_sweep())
    pairs, asked = pairs_of([found])
    page = decide(
        [one.main for one in effects_of(found)],
        [block.samples for one in effects_of(found) for block in one.cells],
    )
    assert [one.p_corrected for one in pairs if not one.within] == [
        one.p for main in page.main for one in main
    ]
    assert [one.p for one in pairs if not one.within] == [one.alone for main in page.main for one in main]
    assert {sweep for sweep, _ in asked} == {found.expected.name}
    assert {one.measure for one in pairs} >= {PSNR}


def test_a_loss_differs_in_percent_of_geometric_means_and_other_measures_in_their_unit():
    pairs, _ = pairs_of([results_of(seed_sweep())])
    loss = next(one for one in pairs if one.unit == "%")
    assert loss.difference == pytest.approx(100 * (loss.mean_high / loss.mean_low - 1))
    psnr = next(one for one in pairs if one.unit == "dB")
    assert psnr.difference == pytest.approx(psnr.mean_high - psnr.mean_low)
    assert (loss.better, psnr.better) == ("low", "high")
    assert all(one.ci_low <= one.difference <= one.ci_high for one in pairs)


def test_of_a_measure_without_a_better_way_none_is_better():
    pairs, _ = pairs_of([judged(Criterion("val/f1", HIGHER))])
    assert {one.better for one in pairs} == {"high"}
    neutral, _ = pairs_of([judged(Criterion("val/f1", "neither"))])
    assert {one.better for one in neutral} == {None}
    assert not any(math.isnan(one.p) for one in neutral)
