import pytest

from sweeps.errors import SpecError
from tests.sweeps.specs import FREE, read

SWEEP = "sweeps: {a: {grid: {x: [1]}}}\n"


@pytest.mark.parametrize(
    ("text", "order"), [("", "longest"), ("order: longest", "longest"), ("order: file", "file")]
)
def test_the_longest_start_first_unless_the_file_says_otherwise(tmp_path, text, order):
    assert read(tmp_path, SWEEP + text, FREE).order == order


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("order: files", "order: 'files' is not one of longest, file; did you mean 'file'?"),
        ("order: 3", "order: must be a word"),
    ],
)
def test_any_other_order_is_a_problem(tmp_path, text, problem):
    with pytest.raises(SpecError) as caught:
        read(tmp_path, SWEEP + text, FREE)
    assert problem in str(caught.value)
