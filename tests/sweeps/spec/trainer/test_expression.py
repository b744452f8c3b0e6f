import math

import pytest

from sweeps.spec.trainer.expression import MAX_LENGTH, Expression

VALUES = {"epoch": 3.0, "of": 10.0, "batch": 4.0, "val/loss": 0.5, "zero": 0.0}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(epoch - 1) * of + batch", 24),
        ("-epoch ** 2", -9),
        ("7 // 2 + 7 % 4", 6),
        ("`val/loss` * 2", 1),
        ('name["val/loss"] + 1', 1.5),
        ("min(epoch, 2) + max(epoch, of, batch) + abs(-1)", 13),
        ("round(2.6) + int(2.6) + float(1)", 6),
        ("sqrt(16) + log(8, 2) + exp(0)", 8),
        ("log(exp(2))", 2),
    ],
)
def test_it_computes(text, value):
    assert Expression.parse(text).value(VALUES) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "epoch / zero",
        "epoch % zero",
        "log(zero)",
        "sqrt(-1)",
        "missing + 1",
        "10.0 ** 400 ** 9",
        "(-1) ** 0.5",
        "exp(1e9)",
    ],
)
def test_what_cannot_be_computed_has_no_value(text):
    assert Expression.parse(text).value(VALUES) is None


def test_not_a_number_is_a_value():
    assert math.isnan(Expression.parse("epoch * 1").value({"epoch": math.nan}))


def test_it_names_what_it_asks_for():
    assert Expression.parse("(epoch - 1) * of + `a b` + epoch").names == ("epoch", "of", "a b")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("epoch +", "is no expression"),
        ("", "is no expression"),
        ("__import__('os').system('x')", "is not allowed"),
        ("epoch.real", "is not allowed"),
        ("[1, 2][0]", "is not allowed"),
        ("lambda: 1", "is not allowed"),
        ("'text'", "is not allowed"),
        ("True", "is not allowed"),
        ("epoch if of else 1", "is not allowed"),
        ("epoch < 2", "is not allowed"),
        ("min(epoch)", "takes 2 or more"),
        ("sqrt(1, 2)", "takes 1, not 2"),
        ("round(1.5, ndigits=1)", "is not allowed"),
        ("1" * (MAX_LENGTH + 1), "characters"),
        ("1" + "0" * 400, "too large"),
        ("(" * 240 + "1" + ")" * 240, "is no expression"),
        ("-" * 450 + "1", "nested too deeply|no expression"),
    ],
)
def test_nothing_else_is_taken(text, told):
    with pytest.raises(ValueError, match=told):
        Expression.parse(text)
