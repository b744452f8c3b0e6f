import pytest

from sweeps.rows.scores import is_score


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("val/psnr", True),
        ("train/loss", True),
        ("accuracy", True),
        ("time/epoch_s", False),
        ("system/cpu", False),
        ("eval_samples_per_second", False),
        ("charts/learning_rate", False),
    ],
)
def test_a_score_is_no_time_no_speed_and_no_learning_rate(key, expected):
    assert is_score(key) is expected
