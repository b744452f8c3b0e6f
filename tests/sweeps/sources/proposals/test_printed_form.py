from sweeps.sources.proposals.printed_form import PrintedForm


def test_the_last_of_several_values_stands_unless_a_form_says_otherwise():
    assert PrintedForm(r"err (?P<err>\S+)", ("err",), "count", 2, "err 1").several == ""
