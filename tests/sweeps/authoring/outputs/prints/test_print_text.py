import ast
import contextlib
import io
import re

import pytest

from sweeps.authoring.outputs.prints.print_text import Hole, printed_text
from sweeps.authoring.outputs.prints.printed_lines import printed_by
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


BAR = """
from tqdm import tqdm, trange
loss, lr, step = 0.5, 1e-3, 0
for epoch in range(1, 4):
    {bar}
    for x in bar:
        step += 1
        {line}
    bar.close()
"""


@pytest.mark.parametrize(
    ("bar", "line", "names", "step"),
    [
        ("bar = tqdm([1, 2], desc=f'Epoch {epoch}/3')", "bar.set_postfix(loss=loss, lr=lr)", {"epoch", "loss", "lr"}, "epoch"),
        ("bar = tqdm([1, 2]); bar.set_description(f'Epoch {epoch}')", "bar.set_postfix({'loss': f'{loss:.2f}'})", {"epoch", "loss"}, "epoch"),
        ("bar = tqdm([1, 2])", "logs = {'step': step, 'loss': loss}; bar.set_postfix(**logs)", {"step", "loss"}, "step"),
        ("bar = trange(2)", "bar.set_postfix_str(f'epoch {epoch} loss {loss:.3f}')", {"epoch", "loss"}, "epoch"),
        ("bar = tqdm([1, 2])", "bar.set_description(f'epoch {epoch} loss {loss:.3f}')", {"epoch", "loss"}, "epoch"),
    ],
)  # fmt: skip
def test_what_a_bar_of_tqdm_shows_is_read_of_its_lines(tmp_path, bar, line, names, step):
    text = BAR.format(bar=bar, line=line)
    (source,) = (found for found in printed_by(script_of(tmp_path, text)) if not found.leads)
    with contextlib.redirect_stderr(io.StringIO()) as shown:
        exec(text, {})  # noqa: S102 - the test's own script, to have the lines that its bars draw
    matches = [
        match for line in re.split(r"[\r\n]", shown.getvalue()) if (match := re.search(source.text, line))
    ]
    assert {name for match in matches for name in match.groupdict()} == names
    assert {match["loss"].rstrip("]") for match in matches} <= {"0.5", "0.50", "0.500"}
    assert (source.several or source.step or "step") == step
    counted = [int(match[step]) for match in matches]
    assert set(counted) >= ({1, 2, 3} if step == "epoch" else {2, 4, 6})
