import contextlib
import io
import re

import pytest

from sweeps.authoring.outputs.prints.printed_lines import printed_by
from tests.sweeps.authoring.scripts import script_of

LOOP = """
import logging
loss, acc, best = 0.5, 0.75, False
for epoch in range(1, 4):
{body}
"""


def sources(folder, *lines):
    return printed_by(script_of(folder, LOOP.format(body="\n".join(f"    {line}" for line in lines))))


@pytest.mark.parametrize(
    "lines",
    [
        ("message = f'epoch {epoch} loss {loss:.3f}'", "print(message)"),
        ("message = 'epoch {} loss {:.3f}'.format(epoch, loss)", "logging.info(message)"),
        ("message = 'epoch %d' % epoch", "message += ' loss %.3f' % loss", "print(message)"),
        ("message = ''", "message += f'epoch {epoch} '", "message += f'loss {loss:.3f}'", "print(message)"),
        ("message = f'epoch {epoch} loss {loss:.3f}'", "if best:", "    message = more(message)", "print(message)"),
        ("message = f'epoch {epoch} loss {loss:.3f}'", "if best:", "    message += ' *'", "print(message)"),
        ("message = 'begins'", "message = f'epoch {epoch} loss {loss:.3f}'", "print(message)"),
        ("if epoch > 0:", "    message = f'epoch {epoch} loss {loss:.3f}'", "    print(message)"),
    ],
)  # fmt: skip
def test_a_text_that_is_made_first_and_printed_then_is_read(tmp_path, lines):
    (found,) = sources(tmp_path, *lines)
    match = re.search(found.text, "epoch 2 loss 0.500")
    assert match is not None
    assert match.groupdict() == {"epoch": "2", "loss": "0.500"}
    assert found.step == "epoch"


def test_the_pattern_reads_what_the_script_prints(tmp_path):
    text = LOOP.format(
        body="    shown = f'epoch {epoch}'\n    shown += f': loss {loss:.3f}'\n    print(shown)"
    )
    (found,) = printed_by(script_of(tmp_path, text))
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        exec(text, {})  # noqa: S102 - the test's own script, to have the lines that it prints
    assert [re.search(found.text, line)["loss"] for line in shown.getvalue().splitlines()] == ["0.500"] * 3


def test_each_branch_may_give_another_text(tmp_path):
    found = sources(
        tmp_path,
        "if best:",
        "    message = f'epoch {epoch} loss {loss:.3f}'",
        "else:",
        "    message = f'epoch {epoch} accuracy {acc:.3f}'",
        "print(message)",
    )
    names = {name for source in found for name in re.compile(source.text).groupindex}
    assert names == {"epoch", "loss", "accuracy"}


def test_the_text_of_another_branch_or_of_before_is_not_taken(tmp_path):
    lines = ("if best:", "    message = f'epoch {epoch} loss {loss:.3f}'", "else:", "    print(message)")
    assert sources(tmp_path, *lines) == []
    assert sources(tmp_path, "message = f'epoch {epoch} loss {loss:.3f}'", "message = read()", "print(message)") == []  # fmt: skip


def test_a_text_that_is_made_of_others_is_read_line_by_line(tmp_path):
    text = """
    for epoch in range(3):
        first = f"epoch {epoch} loss {loss:.3f}"
        second = f'{"acc":9s}: {acc:.3f}'
        both = f"{first}\\n{second}"
        print(both)
    """
    names = [re.findall(r"P<(\w+)>", one.text) for one in printed_by(script_of(tmp_path, text))]
    assert names == [["epoch", "loss"], ["acc"]]


def test_a_text_that_is_made_of_itself_again_and_again_stays_short(tmp_path):
    doubled = "".join(f"    text = f'{{text}}{{text}} err {{e{at}}}'\n" for at in range(40))
    printed_by(script_of(tmp_path, f"def f():\n    text = f'err {{e}}'\n{doubled}    print(text)\n"))
