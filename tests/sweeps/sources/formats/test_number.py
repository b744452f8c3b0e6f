import math

import pytest

from sweeps.sources.formats.number import Commas, number, numbers, numbers_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", 0.5),
        (" -1e-3 ", -0.001),
        ("+.5", 0.5),
        ("5.", 5),
        ("inf", math.inf),
        ("-Infinity", -math.inf),
        ("12%", 12),
        ("12.5 %", 12.5),
        ("1,234.5", 1234.5),
        ("1,234,567", 1234567),
        ("0.5,", 0.5),
        ("(0.5)", 0.5),
        ("[0.5]", 0.5),
        ("'0.5'", 0.5),
        ("=0.5", 0.5),
        ("0.93.", 0.93),
        ("tensor(0.5)", 0.5),
        ("tensor(0.5432, device='cuda:0')", 0.5432),
        ("tensor(0.5432,", 0.5432),
        ("tensor([0.5])", 0.5),
        ("tensor([[0.5]], grad_fn=<AddBackward0>)", 0.5),
        ("np.float64(0.5)", 0.5),
        ("np.float32(1e-3),", 0.001),
        ("Array(0.5, dtype=float32)", 0.5),
        ("tf.Tensor(0.5, shape=(), dtype=float32)", 0.5),
        ("Decimal('0.5')", 0.5),
        ("<0.5>", 0.5),
        ("=>0.5", 0.5),
        ("1764432000123456789", 1764432000123456789),
    ],
)
def test_numbers_as_programs_print_them(text, value):
    assert number(text) == value


def test_nan_is_a_number():
    assert math.isnan(number("nan"))
    assert math.isnan(number("NaN,"))


@pytest.mark.parametrize(
    "text",
    [
        "0,5",
        "12ms",
        "1.2M",
        "n/a",
        "12:30",
        "1,23",
        "0x10",
        "train",
        "%",
        "1.2.3",
        "0,123",
        "[125,250]",
        "(1,234)",
        "tensor([0.5,0.7])",
        "tensor([0.5,",
        "<0.001",
        "> 0.5",
    ],
)
def test_what_is_no_number(text):
    assert number(text) is None


def test_absent_values_are_neither_numbers_nor_odd():
    assert numbers({"a": "1", "b": "", "c": None, "d": "None", "e": "-", "f": "x"}) == ({"a": 1}, {"f": "x"})


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("0,5", "1,234"), [0.5, 1.234]),
        (("0,123", "1,234"), [0.123, 1.234]),
        (("12,34", "-1,234e-2"), [12.34, -0.01234]),
        (("0.5", "1,234", "0,123"), [0.5, 1234]),
        (("1,234.5", "1,234"), [1234.5, 1234]),
        (("1,234,567", "1,234"), [1234567, 1234]),
        (("1,234", "12"), [12]),
    ],
)
def test_the_first_number_that_tells_it_decides_what_a_comma_means(texts, expected):
    commas = Commas()
    assert [value for text in texts for value in numbers({"a": text}, commas)[0].values()] == expected


def test_a_number_is_read_by_the_others_of_its_row():
    assert numbers({"loss": "1,234", "acc": "0,5"}, Commas())[0] == {"loss": 1.234, "acc": 0.5}


def test_a_json_object_is_flattened():
    content = {
        "step": 3,
        "eval": {"loss": 0.5, "top": {"1": "0.9"}},
        "done": True,
        "of": None,
        "list": [1],
        "phase": "x",
    }
    assert numbers_of(content) == ({"step": 3, "eval/loss": 0.5, "eval/top/1": 0.9}, {"phase": "x"})


def test_a_number_without_end_is_none():
    assert numbers_of({"a": 10**400})[0] == {}
