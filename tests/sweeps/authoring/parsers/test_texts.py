from sweeps.authoring.parsers.texts import one_line


def test_a_help_is_one_line_of_what_can_be_shown_without_its_default():
    assert one_line("the rate\n  of it (default: %(default)s), 50%%") == "the rate of it, 50%"
    assert one_line("size [default: 3]") == "size"
    assert one_line("a\x1b[31mb") == "a [31mb"
    assert len(one_line("x" * 1000)) == 100
    assert one_line(None) == ""
