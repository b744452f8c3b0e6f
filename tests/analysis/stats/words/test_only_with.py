import pytest

from analysis.results.results import LOSS, PSNR
from tests.analysis.stats.asked import HIGHER_PSNR, LOWER_LOSS, by_question
from tests.analysis.stats.words.test_dependence import grid


def means(**of_ratio):
    """Means of the two strategies at each ratio: `r1=(30, 25)`."""
    return {
        (kind, int(ratio[1:]) / 10): mean
        for ratio, both in of_ratio.items()
        for kind, mean in zip(("Cyclical", "Monotonic"), both, strict=True)
    }


def test_a_difference_under_one_value_of_another_setting_is_told_there_and_not_as_a_mean():
    finding = by_question(grid(PSNR, means(r0=(20.0, 20.0), r5=(20.0, 20.0), r10=(30.0, 20.0))))[HIGHER_PSNR]
    line = "nly with TFR 1 do Cyclical and Monotonic differ: Monotonic lies 10.00 dB below"
    assert finding.answer == f"O{line}."
    assert finding.headline == f"Validation PSNR at the last epoch: o{line}"
    assert (finding.answered, finding.rank) == (True, 0)
    assert any(told.startswith("Settings differ only with one value") for told in finding.basis)


def test_of_losses_the_lower_one_is_told_first():
    finding = by_question(grid(LOSS, means(r0=(1.0, 1.0), r10=(3.0, 1.0))))[LOWER_LOSS]
    assert finding.headline == (
        "Training loss at the last epoch: only with TFR 1 do Monotonic and Cyclical differ: Cyclical lies 200.0 % above"
    )


@pytest.mark.parametrize(
    "told",
    [
        means(r0=(30.0, 20.0), r5=(30.0, 20.0), r10=(30.0, 20.0)),
        means(r0=(25.0, 20.0), r5=(20.0, 20.0), r10=(30.0, 20.0)),
        means(r0=(20.0, 20.0), r5=(20.0, 20.0), r10=(20.0, 20.0)),
    ],
    ids=["everywhere", "in two places", "nowhere"],
)
def test_elsewhere_the_mean_is_told(told):
    assert "nly with" not in by_question(grid(PSNR, told))[HIGHER_PSNR].answer
