from itertools import combinations

import pytest

from analysis.figures.palette import BASELINE, BLACK, COLORS, OF_AXIS, ON_DARK, RAMPS, styles
from tests.analysis.colours import VISIONS, contrast, distance, rgb, seen

WHITE_PAGE, DARK_PAGE = "#ffffff", "#14171a"
LEAST_CONTRAST = 3.0
"""WCAG 2.1, criterion 1.4.11, for what has to be seen of a graphic."""
LEAST_DISTANCE = 12.0
"""CIEDE2000; from 10 on colours are told apart at a glance, with no other beside them."""
LEAST_LIGHTNESS = 15.0
"""L*, in grey."""


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


def test_no_marker_looks_like_a_mean_with_its_bar():
    looks = [
        *styles("lr", list(range(28))).values(),
        *(look for axis in OF_AXIS.values() for look in axis.values()),
    ]
    assert {"P", "+", "|", "_"}.isdisjoint(look.marker for look in looks)


def test_nothing_else_looks_like_the_baseline():
    every = [
        *styles("lr", list(range(28))).values(),
        *(look for axis in OF_AXIS.values() for look in axis.values()),
    ]
    assert BASELINE.color not in {look.color for look in every}


@pytest.mark.parametrize("color", [*COLORS, BASELINE.color])
def test_every_colour_stands_out_from_a_white_page_and_all_but_black_from_a_dark_one(color):
    assert contrast(rgb(color), rgb(WHITE_PAGE)) >= LEAST_CONTRAST
    assert color == BLACK or contrast(rgb(color), rgb(DARK_PAGE)) >= LEAST_CONTRAST


def on(page, ramp):
    """A ramp as a page shows it."""
    return [ON_DARK.get(color, color) if page == DARK_PAGE else color for color in ramp]


@pytest.mark.parametrize("page", [WHITE_PAGE, DARK_PAGE])
@pytest.mark.parametrize("ramp", RAMPS.values(), ids=len)
def test_colours_of_numbers_stand_out_the_more_the_greater_and_each_more_than_enough(ramp, page):
    contrasts = [contrast(rgb(color), rgb(page)) for color in on(page, ramp)]
    assert contrasts == sorted(contrasts)
    assert contrasts[0] >= LEAST_CONTRAST


@pytest.mark.parametrize("page", [WHITE_PAGE, DARK_PAGE])
@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("ramp", RAMPS.values(), ids=len)
def test_colours_of_numbers_can_be_told_apart_by_every_reader_on_both_pages(ramp, vision, page):
    near = {
        pair: round(apart, 1)
        for pair in combinations((*on(page, ramp), BASELINE.color), 2)
        if (apart := distance(*(seen(rgb(color), vision) for color in pair))) < LEAST_DISTANCE
    }
    assert near == {}


def test_numbers_keep_their_colour_in_whatever_order_they_come():
    assert styles("lr", [0.1, 0.001, 0.01])[0.1] == styles("lr", [0.001, 0.01, 0.1])[0.1]
    assert [look.color for look in styles("lr", [1, 2, 3, 4, 5]).values()] == list(RAMPS[5])


@pytest.mark.parametrize("values", [[1, 2], [1, 2, 3, 4, 5, 6], [True, False, 2], ["a", "b", "c"]])
def test_values_that_are_no_few_numbers_have_no_order(values):
    assert {look.color for look in styles("x", values).values()} <= set(COLORS)


def test_numbers_differ_in_their_markers_too():
    looks = styles("lr", [1, 2, 3, 4, 5]).values()
    assert len({look.marker for look in looks}) == len(looks)


@pytest.mark.parametrize("vision", VISIONS)
def test_all_colours_can_be_told_apart_by_every_reader(vision):
    pairs = combinations((*COLORS, BASELINE.color), 2)
    near = {
        pair: round(apart, 1)
        for pair in pairs
        if (apart := distance(*(seen(rgb(color), vision) for color in pair))) < LEAST_DISTANCE
    }
    assert near == {}


@pytest.mark.parametrize("axis", [*OF_AXIS, "lr"])
def test_in_grey_lines_differ_in_lightness_or_in_their_markers(axis):
    looks = [*(OF_AXIS.get(axis) or styles(axis, list(range(7)))).values(), BASELINE]
    for one, other in combinations(looks, 2):
        apart = abs(seen(rgb(one.color))[0] - seen(rgb(other.color))[0])
        assert apart >= LEAST_LIGHTNESS or one.marker != other.marker, (one, other)


def test_the_lines_of_the_strategies_differ_in_grey_by_their_lightness_alone():
    light = [seen(rgb(look.color))[0] for look in OF_AXIS["kl_anneal_type"].values()]
    assert min(abs(one - other) for one, other in combinations(light, 2)) >= LEAST_LIGHTNESS


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_distance_is_that_of_the_published_pairs(one, other, apart):
    assert distance(one, other) == pytest.approx(apart, abs=5e-5)
