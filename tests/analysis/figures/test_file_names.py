import pytest

from analysis.figures.file_names import MOST_BYTES, free, slug


@pytest.mark.parametrize(
    ("name", "part"),
    [("a b/c", "a-b-c"), ("../up", "up"), ("None", "None"), ("...", "unnamed"), ("tfr-0.5", "tfr-0.5")],
)
def test_a_name_is_made_one_part_of_a_path(name, part):
    assert slug(name) == part


def test_a_long_name_is_cut_to_what_file_systems_take_and_stays_its_own():
    one, other = slug("é" * 200), slug("é" * 199 + "e")
    assert one != other
    assert all(len(name.encode()) <= MOST_BYTES + 9 for name in (one, other))


def test_a_name_that_is_taken_is_numbered():
    taken = {"a"}
    assert [free("a", taken), free("b", taken), free("a", taken)] == ["a-2", "b", "a-3"]


def test_a_name_that_differs_in_case_alone_or_in_how_a_letter_is_composed_is_numbered():
    taken = set()
    names = ["val-loss", "VAL-LOSS", "Val-Loss", "other", "\u00e9", "E\u0301", "stra\u00dfe", "STRASSE"]
    given = [
        "val-loss",
        "VAL-LOSS-2",
        "Val-Loss-3",
        "other",
        "\u00e9",
        "E\u0301-2",
        "stra\u00dfe",
        "STRASSE-2",
    ]
    assert [free(name, taken) for name in names] == given
