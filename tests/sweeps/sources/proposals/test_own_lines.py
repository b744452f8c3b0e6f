import re

import pytest

from sweeps.sources.proposals.own_lines import ANY_NUMBER, LinePattern, kept_to_own

LOSS = r"loss: (?P<loss>[-+.\w]+)"


@pytest.mark.parametrize(
    ("start", "rest", "others", "expected"),
    [
        ("^", None, [], LOSS),
        ("^", None, ["accuracy: 0.5"], LOSS),
        ("^", None, ["test loss: 0.5"], f"^{LOSS}"),
        ("", None, ["test loss: 0.5"], f"(?<!test ){LOSS}"),
        ("", None, ["test loss: 0.5", "[best] loss: 1"], f"(?<!test )(?<!\\[best\\] ){LOSS}"),
        ("^", "", ["loss: 0.5, acc: 1"], f"{LOSS}$"),
        ("", "", ["loss: 0.5, acc: 1", "test loss: 1"], f"(?<!test ){LOSS}$"),
        ("^", None, [" 10%|#    | 1/10 [00:01<00:09]loss: 0.5"], LOSS),
    ],
)
def test_as_little_is_added_as_keeps_a_pattern_from_the_lines_of_others(start, rest, others, expected):
    own = [f"loss: {ANY_NUMBER}", "loss: 0.25"]
    found = kept_to_own(LinePattern(LOSS, own, start, rest), others)
    assert found == expected
    assert all(re.search(found, line) for line in own)


def test_a_line_that_cannot_be_told_apart_changes_nothing():
    assert kept_to_own(LinePattern(LOSS, ["loss: 1"], "^"), ["loss: 2, acc: 1"]) == LOSS
    assert kept_to_own(LinePattern(LOSS, ["loss: 1"]), [f"{ANY_NUMBER} loss: 2"]) == LOSS
