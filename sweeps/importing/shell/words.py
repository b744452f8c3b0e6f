"""Reads shell text as commands of words, without running anything: quotes, comments, continuation lines, here-documents."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

PartKind: TypeAlias = Literal["text", "quoted", "variable", "list", "command", "unknown"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a word.

    Attributes:
        kind: `text` as it stands outside quotes; `quoted`: taken as it is; `variable`: `$name`; `list`: `${name[@]}`;
            `command`: the text of `$(...)`; `unknown`: what only a shell can tell.
        text: The text, the name, the command, or what stands there.
        is_quoted: Whether it stands in double quotes, so that its value stays one word.
    """

    kind: PartKind
    text: str
    is_quoted: bool = False


Word: TypeAlias = "tuple[Part, ...]"


@dataclass(slots=True)
class ShellCommand:
    """A simple command.

    Attributes:
        line: The line on which it begins, counted from 1.
        words: Its words.
        end: What ends it: a newline, `;`, `&`, `&&`, `||`, `|`, `(` or `)`.
        reads: Whether its input comes from a file or a here-document.
        writes: Whether its output goes to a file.
        arrays: The arrays that it sets: `name=(a b)`.
    """

    line: int
    words: list[Word] = field(default_factory=list)
    end: str = "\n"
    reads: bool = False
    writes: bool = False
    arrays: dict[str, list[Word]] = field(default_factory=dict)


class Unclosed(Exception):  # noqa: N818 - caught where it arises
    """A quote or bracket that is not closed."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(what)
        self.at = at


_PLAIN = re.compile(r"""[^\\'"$`;&|<>(){}#*?~\[\]!]*""")
_BARE = re.compile(r"""[^\s\\'"$`;&|<>()]+""")
_IN_DOUBLE = re.compile(r"""[^\\"$`]+""")
_OPERATOR = re.compile(r"\|\||\|&|\||&&|;;|;|&(?!>)|\(|\)|\n")
_REDIRECTION = re.compile(r"(?:\d+|&)?(<<<|<<-|<<|<>|<|>>|>\||>&|>)&?")
_NAME = re.compile(r"[A-Za-z_]\w*|[0-9@*#?$!-]")
_BRACED = re.compile(r"\{([A-Za-z_]\w*)(\[[@*]\])?\}")
_ARRAY = re.compile(r"([A-Za-z_]\w*)=\(")
_BLANK = re.compile(r"(?:[ \t\r]|\\\n|\\\r\n)*")
_LONGEST_BRACKET = 10_000
"""A bracket that is not closed within so many characters is not looked for to the end of the text."""
_MOST_UNCLOSED = 20
_ANSI = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "e": "\x1b"}
_ANSI |= {"f": "\f", "v": "\v", "?": "?"}


def read_commands(text: str) -> tuple[list[ShellCommand], list[tuple[int, str]]]:
    """The commands of a text, and what of it cannot be read: lines, each with the reason.

    A line on which a quote opens that is never closed is passed over.
    """
    return _Scanner(text).commands()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0
        self._waiting: list[tuple[str, bool]] = []
        self._words: dict[str, Word] = {}
        self._found: list[ShellCommand] = []

    def commands(self) -> tuple[list[ShellCommand], list[tuple[int, str]]]:
        problems = []
        while self._at < len(self._text):
            begin = self._at
            try:
                if not self._plain_line():
                    self._command()
            except Unclosed as error:
                self._waiting.clear()
                problems.append((self._line_of(error.at), str(error)))
                if len(problems) > _MOST_UNCLOSED:
                    message = "more quotes and brackets are not closed than are told; is this a shell script?"
                    return self._found, [*problems, (self._line_of(error.at) + 1, message)]
                end = self._text.find("\n", begin)
                self._at = len(self._text) if end < 0 else end + 1
        return self._found, problems

    def _line_of(self, at: int) -> int:
        """The line of a position; positions are asked for in order, or nearly."""
        if at < self._counted:
            self._line, self._counted = 1, 0
        self._line += self._text.count("\n", self._counted, at)
        self._counted = at
        return self._line

    def _plain_line(self) -> bool:
        """Read a line without anything that a shell takes for more than words; False where it is none."""
        end = self._text.find("\n", self._at)
        end = len(self._text) if end < 0 else end
        line = self._text[self._at : end]
        if _PLAIN.fullmatch(line) is None:
            return False
        words = line.split()
        if words:
            known = self._words
            parts = [known.get(word) or known.setdefault(word, (Part("text", word),)) for word in words]
            self._found.append(ShellCommand(self._line_of(self._at), parts))
        self._at = end + 1
        return True

    def _command(self) -> None:
        """Read one simple command with what ends it."""
        text = self._text
        self._skip_blank()
        command = ShellCommand(self._line_of(min(self._at, len(text))))
        while self._at < len(text):
            if text[self._at] == "#":
                end = text.find("\n", self._at)
                self._at = len(text) if end < 0 else end
            elif (match := _REDIRECTION.match(text, self._at)) is not None:
                self._redirection(command, match)
            elif (match := _OPERATOR.match(text, self._at)) is not None:
                command.end = match[0]
                self._at = match.end()
                if match[0] == "\n":
                    self._skip_documents()
                break
            elif not command.words and (match := _ARRAY.match(text, self._at)) is not None:
                command.arrays[match[1]] = self._array(match)
            else:
                command.words.append(self._word())
            self._skip_blank()
        if command.words or command.arrays or command.end in {"(", ")"}:
            self._found.append(command)

    def _skip_blank(self) -> None:
        match = _BLANK.match(self._text, self._at)
        if match is not None:
            self._at = match.end()

    def _array(self, match: re.Match[str]) -> list[Word]:
        words: list[Word] = []
        self._at = match.end()
        while True:
            self._skip_blank()
            if self._at >= len(self._text):
                raise Unclosed(
                    f"the list {match[0]} that opens here is not closed; close it with )", match.start()
                )
            here = self._text[self._at]
            if here == ")":
                self._at += 1
                return words
            if here == "\n":
                self._at += 1
            elif here == "#":
                self._at = (self._text.find("\n", self._at) + 1) or len(self._text)
            elif here in ";&|<>(":
                raise Unclosed(f"the list {match[0]} holds {here!r}, which is no value", match.start())
            else:
                words.append(self._word())

    def _redirection(self, command: ShellCommand, match: re.Match[str]) -> None:
        self._at = match.end()
        self._skip_blank()
        sign = match[1]
        begin = self._at
        word = self._word() if begin < len(self._text) and self._text[begin] not in "\n;&|()" else ()
        if sign.startswith("<"):
            command.reads = True
            if sign in {"<<", "<<-"} and word:
                self._waiting.append(("".join(part.text for part in word), sign == "<<-"))
        else:
            command.writes = True

    def _skip_documents(self) -> None:
        """Pass over the here-documents that begin behind this line."""
        for end_word, may_be_indented in self._waiting:
            while self._at < len(self._text):
                end = self._text.find("\n", self._at)
                end = len(self._text) if end < 0 else end
                line = self._text[self._at : end].rstrip("\r")
                self._at = end + 1
                if (line.lstrip("\t") if may_be_indented else line) == end_word:
                    break
        self._waiting.clear()

    def _word(self) -> Word:
        text, parts = self._text, []
        while self._at < len(text):
            here = text[self._at]
            if here in " \t\r\n;&|<>()":
                break
            if (match := _BARE.match(text, self._at)) is not None:
                parts.append(Part("text", match[0]))
                self._at = match.end()
            else:
                parts += self._special(here)
        return tuple(parts)

    def _special(self, here: str) -> Iterator[Part]:
        """A piece of a word that begins with a backslash, a quote or a dollar sign."""
        text, begin = self._text, self._at
        if here == "\\":
            self._at += 2
            if text[begin + 1 : begin + 2] == "\n":
                return
            yield Part("quoted", text[begin + 1 : begin + 2] or "\\")
        elif here == "'":
            end = text.find("'", begin + 1)
            if end < 0:
                raise Unclosed(
                    "the ' that opens here is not closed; close it, or write \\' for the character", begin
                )
            self._at = end + 1
            yield Part("quoted", text[begin + 1 : end])
        elif here == '"':
            yield from self._double()
        elif here == "`":
            yield self._backticks(is_quoted=False)
        else:
            yield self._dollar(is_quoted=False)

    def _double(self) -> Iterator[Part]:
        text, begin = self._text, self._at
        self._at += 1
        yield Part("quoted", "")
        while self._at < len(text):
            here = text[self._at]
            if here == '"':
                self._at += 1
                return
            if (match := _IN_DOUBLE.match(text, self._at)) is not None:
                yield Part("quoted", match[0])
                self._at = match.end()
            elif here == "\\":
                after = text[self._at + 1 : self._at + 2]
                self._at += 2
                if after != "\n":
                    yield Part("quoted", after if after in '"\\$`' else f"\\{after}")
            elif here == "`":
                yield self._backticks(is_quoted=True)
            else:
                yield self._dollar(is_quoted=True)
        raise Unclosed('the " that opens here is not closed; close it, or write \\" for the character', begin)

    def _backticks(self, *, is_quoted: bool) -> Part:
        begin = self._at
        end = self._text.find("`", begin + 1)
        if end < 0:
            raise Unclosed("the ` that opens here is not closed; close it", begin)
        self._at = end + 1
        return Part("command", self._text[begin + 1 : end], is_quoted)

    def _dollar(self, *, is_quoted: bool) -> Part:
        text, begin = self._text, self._at
        if text.startswith("$'", begin) and not is_quoted:
            return self._ansi()
        if text.startswith("$((", begin):
            return Part("unknown", self._bracketed(begin + 1, "(", ")"), is_quoted)
        if text.startswith("$(", begin):
            inner = self._bracketed(begin + 1, "(", ")")
            return Part("command", inner[2:-1], is_quoted)
        if (match := _BRACED.match(text, begin + 1)) is not None:
            self._at = match.end()
            return Part("list" if match[2] else "variable", match[1], is_quoted)
        if text.startswith("${", begin):
            return Part("unknown", self._bracketed(begin + 1, "{", "}"), is_quoted)
        if (match := _NAME.match(text, begin + 1)) is not None:
            self._at = match.end()
            is_name = match[0][0].isalpha() or match[0][0] == "_"
            return Part(
                "variable" if is_name else "unknown", match[0] if is_name else f"${match[0]}", is_quoted
            )
        self._at += 1
        return Part("quoted", "$")

    def _bracketed(self, at: int, opening: str, closing: str) -> str:
        """The text from the dollar sign to the bracket that closes."""
        depth = 0
        brackets = re.compile(f"[{re.escape(opening + closing)}]")
        for match in brackets.finditer(self._text, at, at + _LONGEST_BRACKET):
            depth += 1 if match[0] == opening else -1
            if depth == 0:
                self._at = match.end()
                return self._text[at - 1 : match.end()]
        raise Unclosed(f"the ${opening} that opens here is not closed; close it with {closing}", at - 1)

    def _ansi(self) -> Part:
        found: list[str] = []
        at = self._at + 2
        while at < len(self._text):
            here = self._text[at]
            if here == "'":
                self._at = at + 1
                return Part("quoted", "".join(found))
            if here == "\\":
                match = re.compile(r"x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3})").match(
                    self._text, at + 1
                )
                if match is not None:
                    digits = match[1] or match[2]
                    found.append(chr(int(digits, 16) if digits else int(match[3], 8)))
                    at = match.end()
                    continue
                after = self._text[at + 1 : at + 2]
                found.append(_ANSI.get(after, f"\\{after}"))
                at += 2
                continue
            found.append(here)
            at += 1
        raise Unclosed("the $' that opens here is not closed; close it", self._at)
