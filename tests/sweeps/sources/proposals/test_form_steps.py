import pytest

from sweeps.sources.proposals.form_steps import PlacedForm, PrintedForm, end_of_epoch, with_steps


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


@pytest.mark.parametrize(
    ("step", "end"),
    [
        ("(epoch - 1) * of + batch", "epoch * of"),
        ("epoch * of + step", "(epoch + 1) * of"),
        ("epoch", ""),
        ("carried", ""),
    ],
)
def test_the_end_of_an_epoch_is_told_by_the_step_of_its_batches(step, end):
    assert end_of_epoch(step) == end


@pytest.mark.parametrize(
    ("own", "epochs", "expected"),
    [
        ((7, 17), "1122", "epoch * of"),
        ((2, 17), "1122", "carried"),
        ((7, 17), "1111", "carried"),
        ((7, 17), "", "carried"),
    ],
)
def test_what_comes_after_the_batches_of_each_epoch_stands_at_its_end(own, epochs, expected):
    batches = PlacedForm(
        PrintedForm("b", ("loss",), "(epoch - 1) * of + batch", 4, ""), (1, 5, 11, 15), epochs
    )
    found = with_steps([batches, form("test", "count", *own)], [])
    assert found[1].step == expected


def test_the_last_of_several_values_stands_unless_a_form_says_otherwise():
    assert PrintedForm(r"err (?P<err>\S+)", ("err",), "count", 2, "err 1").several == ""
