"""Shell text as words."""

from sweeps.importing.shell.words import read_commands


def words(text):
    """The words of each command, without what they are made of."""
    commands, problems = read_commands(text)
    assert problems == []
    return [["".join(part.text for part in word) for word in command.words] for command in commands]


def test_quotes_continuations_and_comments():
    assert words("a 'b c' \"d e\"f \\\n  g\\ h # not this\n#nor this\ni$'\\x41\\n'") == [
        ["a", "b c", "d ef", "g h"],
        ["iA\n"],
    ]


def test_what_ends_a_command_and_where_it_writes():
    commands, _ = read_commands("a & b && c | d; (e) > log 2>&1\nf < in <<X\nno\nX\ng")
    assert [command.end for command in commands] == ["&", "&&", "|", ";", "(", ")", "\n", "\n"][
        : len(commands)
    ]
    assert [command.reads for command in commands][-2:] == [True, False]
    assert commands[-1].line == 5


def test_arrays_have_words_of_their_own():
    (command,), _ = read_commands("x=(1 'a b'\n 3)")
    assert [[part.text for part in word] for word in command.arrays["x"]] == [["1"], ["a b"], ["3"]]


def test_what_is_not_closed_is_told_with_its_line_and_the_rest_is_read():
    for text in (
        "a\nb 'c\nd",
        'a\nb "c\nd',
        "a\nb $(c\nd",
        "a\nb `c\nd",
        "a\nb=(c\nd",
        "a\nb $'c\nd",
        "a\nb ${c\nd",
    ):
        commands, problems = read_commands(text)
        assert [line for line, _ in problems] == [2], text
        assert "is not closed" in problems[0][1]
        assert len(commands) == 2


def test_a_text_full_of_open_brackets_is_given_up_soon():
    _, problems = read_commands('python "$(\n' * 50_000)
    assert len(problems) < 30
