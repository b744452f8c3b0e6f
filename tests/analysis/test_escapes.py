import pytest

from analysis.escapes import ESCAPES, is_color, without_escapes


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("loss 0.5", "loss 0.5"),
        ("\x1b[1;32mloss\x1b[0m 0.5", "loss 0.5"),
        ("\x1b[2K\x1b[1Gloss", "loss"),
        ("\x1b]0;title\x07loss\x1b]8;;http://a\x1b\\b", "lossb"),
        ("\x1bP1$r0m\x1b\\loss\x1b(B", "loss"),
        ("\x1b7loss\x1b", "loss"),
    ],
)
def test_sequences_are_taken_out_whatever_they_do(text, plain):
    assert without_escapes(text) == plain


@pytest.mark.parametrize(
    ("sequence", "is_one"),
    [
        ("\x1b[m", True),
        ("\x1b[1;31m", True),
        ("\x1b[38;5;8m", True),
        ("\x1b[8m", False),
        ("\x1b[1;8m", False),
        ("\x1b[2J", False),
        ("\x1b]0;title\x07", False),
    ],
)
def test_colours_are_told_from_what_hides_text_or_steers(sequence, is_one):
    (found,) = ESCAPES.findall(sequence)
    assert (found, is_color(found)) == (sequence, is_one)
