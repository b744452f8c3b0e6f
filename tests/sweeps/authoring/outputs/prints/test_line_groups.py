import ast

import pytest

from sweeps.authoring.outputs.prints.line_groups import groups_of, tells
from sweeps.authoring.outputs.prints.print_text import printed_text
from tests.sweeps.authoring.scripts import script_of


@pytest.mark.parametrize(
    ("call", "names"),
    [
        ("print(f'epoch {e}/{n} loss {l:.3f}')", ["epoch", "", "loss"]),
        ("print(f'epoch {e} [{i}/{n}] {loss.item()}')", ["epoch", "batch", "of", "loss"]),
        ("print('step', i, 'of', n, 'acc', acc)", ["step", "of", "acc"]),
        ("print(f'{name}: {model}')", ["", ""]),
        ("print('loss', a, 'loss', b)", ["loss", ""]),
        ("print(f'{epoch} {self.progress(batch_idx)} loss {loss.item():.3f}')", ["epoch", "", "loss"]),
        ("print(f'{int(epoch)} {str(batch_idx)} loss {loss.item():.3f}')", ["epoch", "batch", "loss"]),
        ("print(f'n_episode :{n}, score : {s:.1f}, eps : {e:.1f}%')", ["episode", "score", "eps"]),
    ],
)
def test_the_numbers_of_a_line_are_called_by_what_stands_before_them_or_by_themselves(tmp_path, call, names):
    script = script_of(tmp_path, call)
    (node,) = (node for node in script.nodes if isinstance(node, ast.Call) and ast.unparse(node) == call)
    assert [group.name for group in groups_of(printed_text(node, script))] == names


def test_a_name_or_decimals_tell_a_metric(tmp_path):
    call = "print(f'loss {a} speed {b:.2f} rate {c}')"
    script = script_of(tmp_path, call)
    (node,) = (node for node in script.nodes if isinstance(node, ast.Call))
    assert [tells(group) for group in groups_of(printed_text(node, script))] == [True, True, False]
