import pytest

from tests.sweeps.authoring.scripts import interface


def test_words_are_read_by_their_places_with_types_and_defaults(tmp_path):
    found = interface(
        tmp_path,
        """
        import sys
        alpha = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5
        data, out = sys.argv[3:5]
        use(sys.argv[2])
        """,
    )
    assert [(option.key, option.default, option.is_required) for option in found.options] == [
        ("alpha", 0.5, False),
        ("argument_2", None, True),
        ("data", None, True),
        ("out", None, True),
    ]
    assert all(option.is_positional for option in found.options)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("use(sys.argv[-1])", ["argument_1"]),
        ("a, b = sys.argv[-2], sys.argv[-1]", ["argument_1", "argument_2"]),
        ("use(sys.argv[2])", ["argument_1", "argument_2"]),
        ("_, path = sys.argv", ["path"]),
        ("def main(argv):\n    use(argv[0])\nmain(sys.argv[1:])", ["argument_1"]),
    ],
)
def test_words_are_counted_from_the_end_and_in_lists_of_other_names_too(tmp_path, text, keys):
    found = interface(tmp_path, f"import sys\n{text}\n")
    assert [option.key for option in found.options] == keys


def test_a_function_that_makes_something_of_a_word_is_no_type(tmp_path):
    (option,) = interface(tmp_path, "import sys\ncfg = load(sys.argv[1])\n").options
    assert (option.key, option.kind) == ("cfg", "")


def test_a_program_that_only_looks_at_its_name_takes_nothing(tmp_path):
    assert interface(tmp_path, "import sys\nprint(sys.argv[0])\n").kind == "nothing"
