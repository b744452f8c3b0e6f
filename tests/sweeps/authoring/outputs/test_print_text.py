import ast

import pytest

from sweeps.authoring.outputs.print_text import Hole, printed_text
from tests.sweeps.authoring.scripts import script_of


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("print(f'loss {x:.2f}!')", ["loss ", "<.2f>", "!"]),
        ("print('loss', x, sep=': ')", ["loss", ": ", "<>"]),
        ("print('loss %.3f of %d%%' % (x, n))", ["loss ", "<.3f>", " of ", "<d>", "", "%", ""]),
        ("print('{:>4d} {b}'.format(x, b=y))", ["", "<>4d>", " ", "<>", ""]),
        ("log.info('loss %s', x)", ["loss ", "<>", ""]),
        ("logging.info(f'{x}')", ["<>"]),
        ("tqdm.write('a')", ["a"]),
        ("print('a' + str(x))", ["a", "<>"]),
    ],
)
def test_every_way_to_print_gives_its_pieces(tmp_path, call, shown):
    pieces = printed_text(ast.parse(call, mode="eval").body, script_of(tmp_path, ""))
    assert [f"<{piece.spec}>" if isinstance(piece, Hole) else piece for piece in pieces] == shown


def test_other_calls_print_nothing(tmp_path):
    script = script_of(tmp_path, "")
    assert [printed_text(ast.parse(text, mode="eval").body, script) for text in ("f('a')", "file.write('a')", "math.log(2)")] == [None] * 3  # fmt: skip
