import ast
import re

import pytest

from sweeps.authoring.outputs.prints.line_groups import groups_of
from sweeps.authoring.outputs.prints.line_patterns import lines_of, pattern_of, rest_of, sample_of, start_of
from sweeps.authoring.outputs.prints.print_text import printed_text
from tests.sweeps.authoring.scripts import script_of


def pieces(folder, call):
    script = script_of(folder, call)
    (node,) = (node for node in script.nodes if isinstance(node, ast.Call) and ast.unparse(node) == call)
    return printed_text(node, script)


def test_a_text_of_several_lines_is_taken_apart(tmp_path):
    found = list(lines_of(pieces(tmp_path, "print(f'Test\\n Accuracy: {acc:.1f}%, Loss: {loss}\\n')")))
    assert [line[0] if line else None for line in found] == ["Test", " Accuracy: ", None]


@pytest.mark.parametrize(
    ("call", "start", "printed"),
    [
        ("print(f'loss {loss:.1%} of all')", "^", "loss 12.5% of all"),
        ("print(f'  loss {loss:8.3f}, done')", r"^\s*", "  loss    0.125, done"),
        ("print(f'top {acc:.1%}, loss {loss:.3f}')", "^", "top 12.5%, loss 0.125"),
        ("print(f'{name} loss {loss:.3f} ')", "", "a b loss 0.125"),
    ],
)
def test_a_pattern_with_its_start_and_rest_reads_the_whole_line(tmp_path, call, start, printed):
    line = pieces(tmp_path, call)
    groups = groups_of(line)
    assert start_of(line) == start
    whole = f"{start_of(line)}{pattern_of(line, groups)}{rest_of(line, groups)}$"
    for text in (printed, sample_of(line)):
        assert re.search(whole, text), (whole, text)
    assert not re.search(whole, f"{printed} and more")
