import pytest

from sweeps.sources.following.several import Several
from sweeps.spec.trainer.source_model import Source

MAP = (("charts/episodic_{x}", "all"), ("charts/{x}", "mean"), ("return", "all"))


@pytest.mark.parametrize(
    ("name", "key", "fate"),
    [
        ("charts/episodic_return", "charts/episodic_return", "all"),
        ("charts/SPS", "speed", "mean"),
        ("losses/value", "losses/value", "last"),
        ("charts/a/b", "charts/a/b", "last"),
        ("r", "return", "all"),
    ],
)
def test_the_first_name_that_fits_says_what_becomes_of_a_metric(name, key, fate):
    several = Several(Source("tensorboard", several_of=MAP))
    assert several.of(name, key) == fate
    assert several.has_means


@pytest.mark.parametrize(("said", "has_means"), [("last", False), ("mean", True), ("all", False)])
def test_one_word_is_for_all_metrics(said, has_means):
    several = Several(Source("csv", several=said))
    assert (several.of("loss", "loss"), several.has_means) == (said, has_means)
