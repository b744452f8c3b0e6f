import pytest

from analysis.read.frames import param_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", 0.5),
        ("100", 100),
        ("true", True),
        ("[1, 2]", [1, 2]),
        ("null", None),
        ("None", "None"),
        ("Cyclical", "Cyclical"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ("", ""),
    ],
)
def test_a_param_reads_back_as_what_was_logged(text, value):
    assert param_value(text) == value
    assert type(param_value(text)) is type(value)
