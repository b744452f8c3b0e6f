import unicodedata

import pytest

from analysis.visible import on_one_line, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;OWNED\x07", r"\x1b]0;OWNED\x07"),
        ("done\r    ", r"done\r    "),
        ("\x9b2J", r"\x9b2J"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\ud83d", r"\ud83d"),
        ("\u2028\u2029\x85\x0c", r"\u2028\u2029\x85\x0c"),
        ("\U000e0041", r"\U000e0041"),
        (
            "a\tb\n[bold]c[/] \u00e9 \U0001f469\u200d\U0001f680",
            "a\tb\n[bold]c[/] \u00e9 \U0001f469\u200d\U0001f680",
        ),
    ],
)
def test_what_steers_a_terminal_is_written_out_and_the_rest_stands(text, shown):
    assert visible(text) == shown


def test_on_one_line_breaks_are_written_out_too():
    assert on_one_line("a\nb\tc") == r"a\nb\tc"


def test_no_control_or_direction_of_unicode_is_left():
    kept = {chr(code) for code in range(0x110000) if visible(chr(code)) == chr(code)}
    assert {c for c in kept if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}} == {"\n", "\t"}
    assert not {
        c
        for c in kept
        if unicodedata.bidirectional(c)
        in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "BN"}
        and c not in "\u200c\u200d"
        and unicodedata.category(c) == "Cf"
        and ord(c) < 0x10000
    }
