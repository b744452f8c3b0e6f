from analysis.results.results import LOSS, PSNR
from tests.analysis.stats.asked import by_question, repeated


def test_one_run_each_is_told_so_too():
    found = by_question(repeated(LOSS, **{"None": (0.1,), "Cyclical": (5.0,)})).values()
    assert "Cyclical 50.0 times as high" in "".join(finding.headline for finding in found)


def test_of_single_runs_those_that_are_equally_good_are_named_together():
    found = by_question(repeated(PSNR, **{"None": (20.0,), "Cyclical": (18.0,), "Monotonic": (20.0,)}))
    (finding,) = [one for one in found.values() if one.headline.startswith("Seen once")]
    assert "is highest with no annealing, equal to Monotonic (20.00 dB), " in finding.answer
    assert "is highest with no annealing, equal to Monotonic (20.00 dB), " in finding.headline
