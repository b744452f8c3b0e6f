import pytest

from sweeps.sources.form_steps import PlacedForm, with_steps
from sweeps.sources.printed_form import PrintedForm


def form(name, step, *places):
    metrics = (name,) if step in {"count", "iter"} else ()
    return PlacedForm(PrintedForm(name, metrics, step, len(places), name), places)


HEAD = form("head", "epoch", 0, 10, 20)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (form("once", "count", 3, 13, 23), ("carried", "")),
        (form("now and then", "count", 13), ("carried", "")),
        (form("again", "count", 3, 4, 13), ("", "all")),
        (form("own", "iter", 3, 4, 13), ("iter", "")),
    ],
)
def test_what_follows_a_header_has_its_step_or_is_counted(own, expected):
    found = with_steps([own], [HEAD])
    assert (found[-1].step, found[-1].several) == expected
    assert (found[0] is HEAD.form) == (own.form.step == "count")


def test_what_comes_first_is_not_led_and_of_several_the_most_frequent_leads():
    early = form("early", "count", 0, 10)
    assert with_steps([early], [form("later", "epoch", 1, 11)]) == [early.form]
    often = form("often", "iter", 1, 5, 11, 15, 21)
    found = with_steps([often, form("own", "count", 6, 16)], [HEAD])
    assert [one.pattern for one in found] == ["often", "own"]
    assert found[1].step == "carried"
