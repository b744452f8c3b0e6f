"""What words of shell text stand for: variables of the script, braces, `$(seq 1 3)`; what only a shell can tell is refused."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from sweeps.spec.model import MAX_TRIALS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sweeps.importing.shell.words import Part, Word

_SEQ = re.compile(r"seq\s+(-s\s*\S+\s+)?(?P<numbers>\S+(\s+\S+){0,2})")
_RANGE = re.compile(r"\{(-?\d{1,18})\.\.(-?\d{1,18})(?:\.\.(-?\d{1,18}))?\}|\{([a-zA-Z])\.\.([a-zA-Z])\}")
_GLOB = re.compile(r"[*?]|\[[^\]]+\]")
_SPECIAL = re.compile(r"[{}*?\[~]")
_MOST_SHOWN = 60
_LONGEST = 20_000
_MOST_DIGITS = 19
HOME = "HOME"
"""The variable that `~` stands for."""


class Unreadable(Exception):  # noqa: N818 - told as a line that does not fit
    """Words that only a shell could fill in; the message says which, and what to write."""


@dataclass(slots=True)
class Variables:
    """The variables of a script, as far as they are read.

    Attributes:
        texts: The value of each.
        lists: The values of each array.
        unknown: Variables whose value only a shell knows, each with what was to give it.
    """

    texts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)


def expand(word: Word, known: Variables) -> list[str]:
    """The words that a word becomes: several where it has braces, or names a list.

    Raises:
        Unreadable: Only a shell could tell.
    """
    if len(word) == 1 and word[0].kind == "text" and _SPECIAL.search(word[0].text) is None:
        return [word[0].text]
    found: list[str] = []
    for alternative in _braces(word):
        found += _filled(alternative, known)
        _refuse_many(len(found))
    return found


def expand_all(words: Sequence[Word], known: Variables) -> list[str]:
    """The words that words become.

    Raises:
        Unreadable: Only a shell could tell.
    """
    found: list[str] = []
    for word in words:
        found += expand(word, known)
        _refuse_many(len(found))
    return found


def single(word: Word, known: Variables) -> str:
    """The one text that a word stands for, as in an assignment: spaces do not divide it.

    Raises:
        Unreadable: Only a shell could tell.
    """
    text = "".join(" ".join(_values(part, known)) for part in word)
    _refuse_long(text)
    return text


def _refuse_many(count: int) -> None:
    if count > MAX_TRIALS:
        raise Unreadable(f"its braces and lists make more than {MAX_TRIALS:,} words; write fewer")


def _refuse_long(text: str) -> None:
    if len(text) > _LONGEST:
        raise Unreadable(f"a word would have more than {_LONGEST:,} characters; write it shorter")


def _filled(word: Sequence[tuple[str, Part | None]], known: Variables) -> list[str]:
    """The words of one alternative of braces."""
    words = [""]
    is_quoted = False
    for text, part in word:
        if part is None:
            words[-1] += _bare(text, known, is_first=words == [""])
            continue
        values = _values(part, known)
        is_quoted |= part.kind == "quoted" or part.is_quoted
        divides = part.kind == "list" or not (part.is_quoted or part.kind == "quoted")
        if divides and not part.is_quoted:
            values = [piece for value in values for piece in value.split()]
        if not values:
            continue
        words[-1] += values[0]
        words += values[1:]
        _refuse_long(words[-1])
    return words if words != [""] or is_quoted else []


def _bare(text: str, known: Variables, *, is_first: bool) -> str:
    """Text outside quotes."""
    if (match := _GLOB.search(text)) is not None and "=" not in text.partition(match[0])[2]:
        raise Unreadable(
            f"a shell would look for files that match {_short(text)}; name them, or put the word in quotes"
        )
    if is_first and (text == "~" or text.startswith("~/")):
        if HOME in known.texts:
            return f"{known.texts[HOME]}{text[1:]}"
        raise Unreadable(f"a shell would put your home in place of ~ in {_short(text)}; write the path")
    return text


def _values(part: Part, known: Variables) -> list[str]:
    match part.kind:
        case "text" | "quoted":
            return [part.text]
        case "list" if part.text in known.lists:
            return known.lists[part.text]
        case "variable" if part.text in known.texts:
            return [known.texts[part.text]]
        case "variable" if part.text in known.lists:
            return known.lists[part.text][:1]
        case "variable" | "list":
            if part.text in known.unknown:
                message = f"${part.text} is what a shell would make of {_short(known.unknown[part.text])}; write its value"
            else:
                message = f"${part.text} is set nowhere in this script; write its value"
            raise Unreadable(message)
        case "command":
            return sequence(part.text)
    raise Unreadable(f"a shell would fill in {_short(part.text)}, and nothing is run here; write its value")


def sequence(command: str) -> list[str]:
    """What `seq` would print; no other command is known.

    Raises:
        Unreadable: It is another command, or its numbers are none.
    """
    match = _SEQ.fullmatch(command.strip())
    if match is None:
        raise Unreadable(
            f"a shell would run {_short(command)}, and nothing is run here; write what it prints"
        )
    numbers = decimals(match["numbers"].split())
    if not numbers:
        raise Unreadable(f"{_short(command)} is no sequence of numbers; write its values")
    first = numbers[0] if len(numbers) > 1 else Decimal(1)
    step = numbers[1] if len(numbers) > 2 else Decimal(1)  # noqa: PLR2004 - first, step, last
    if step == 0:
        raise Unreadable(f"{_short(command)} never ends; write its values")
    count = int((numbers[-1] - first) / step) + 1 if (numbers[-1] - first) / step >= 0 else 0
    _refuse_many(count)
    places = max(0, *(-int(number.as_tuple().exponent) for number in (first, step)))
    return [f"{first + at * step:.{places}f}" for at in range(count)]


def decimals(texts: Iterable[str]) -> list[Decimal]:
    """Texts as numbers; none where one of them is none of ordinary size."""
    try:
        numbers = [Decimal(text) for text in texts]
    except InvalidOperation:
        return []
    is_ordinary = all(number.is_finite() and abs(number.adjusted()) < _MOST_DIGITS for number in numbers)
    return numbers if is_ordinary else []


def _braces(word: Word) -> Iterator[list[tuple[str, Part | None]]]:
    """The alternatives that `{a,b}` and `{1..3}` outside quotes make of a word."""
    pieces: list[list[tuple[str, Part | None]]] = []
    for part in word:
        if part.kind != "text":
            pieces.append([("", part)])
        else:
            pieces += [[(text, None) for text in alternatives] for alternatives in _alternatives(part.text)]
    count = 1
    for piece in pieces:
        count *= len(piece)
        _refuse_many(count)
    yield from map(list, itertools.product(*pieces))


def _alternatives(text: str) -> Iterator[list[str]]:
    """A text as parts of which each is one of some texts."""
    begin = 0
    for match in re.finditer(r"\{[^{}\s]*\}", text):
        found = _of_braces(match[0])
        if found is None:
            continue
        yield [text[begin : match.start()]]
        yield found
        begin = match.end()
    yield [text[begin:]]


def _of_braces(text: str) -> list[str] | None:
    """What braces stand for; None where they are only text."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return text[1:-1].split(",") if "," in text else None
    if match[4]:
        first, last = ord(match[4]), ord(match[5])
        step = 1 if last >= first else -1
        return [chr(code) for code in range(first, last + step, step)]
    first, last = int(match[1]), int(match[2])
    step = abs(int(match[3] or 1)) or 1
    _refuse_many(abs(last - first) // step + 1)
    width = (
        max(len(match[1]), len(match[2]))
        if re.match(r"-?0\d", match[1]) or re.match(r"-?0\d", match[2])
        else 0
    )
    way = range(first, last + 1, step) if last >= first else range(first, last - 1, -step)
    return [f"{number:0{width}d}" for number in way]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


def with_value(known: Variables, name: str, value: str) -> None:
    """Set a variable."""
    known.unknown.pop(name, None)
    known.lists.pop(name, None)
    known.texts[name] = value
