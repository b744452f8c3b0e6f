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


def test_a_program_that_only_looks_at_its_name_takes_nothing(tmp_path):
    assert interface(tmp_path, "import sys\nprint(sys.argv[0])\n").kind == "nothing"
