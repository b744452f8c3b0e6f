import pytest

from analysis.figures.palette import BASELINE, OF_AXIS, styles


def luminance(color):
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_value_keeps_its_look_whatever_stands_beside_it():
    for axis, values in (("tfr", [1.0, 0.5, 0.0]), ("kl_anneal_type", ["None", "Cyclical", "Monotonic"])):
        alone = {value: styles(axis, [value])[value] for value in values}
        assert styles(axis, [*values[::-1], "new"]) | alone == styles(axis, [*values[::-1], "new"])


def test_one_is_the_same_ratio_as_one_point_zero():
    assert styles("tfr", [1])[1] == styles("tfr", [1.0])[1.0]


def test_a_new_value_never_takes_the_colour_of_a_known_one():
    known = {style.color for style in OF_AXIS["tfr"].values()}
    assert {style.color for style in styles("tfr", [0.25, 0.75, 0.9]).values()}.isdisjoint(known)


def test_lines_differ_in_colour_and_dash_until_there_are_no_more():
    looks = list(styles("lr", list(range(28))).values())
    assert len({(look.color, look.dash) for look in looks}) == 28


@pytest.mark.parametrize("axis", ["tfr", "kl_anneal_type"])
def test_known_values_can_be_told_apart_without_colour(axis):
    looks = list(OF_AXIS[axis].values())
    assert len({look.dash for look in looks}) == len(looks)
    assert len({look.marker for look in looks}) == len(looks)


def test_nothing_else_looks_like_the_baseline():
    every = [
        *styles("lr", list(range(28))).values(),
        *(look for axis in OF_AXIS.values() for look in axis.values()),
    ]
    assert BASELINE.color not in {look.color for look in every}
    assert all(luminance(look.color) < 0.75 for look in every), "too pale on white"
