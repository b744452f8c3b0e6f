from sweeps.authoring.drafting.draft import draft
from sweeps.authoring.drafting.facts import Facts
from sweeps.authoring.interface import NONE


def test_a_script_of_which_nothing_was_found_out_still_has_a_file_with_questions():
    text = draft(Facts("train.py", NONE), "experiments.yaml").text
    assert "command: [python, train.py]" in text
    assert "# ? metrics:" in text
