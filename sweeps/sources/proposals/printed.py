"""Finds the numbers that a program prints line after line, and a pattern that reads them.

Lines that differ in their numbers alone are one form. A number counts as a metric where a word stands before it, and as a
step where that word is `epoch`, `step`, `iter` or the like.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from sweeps.sources.counters import COUNTERS
from sweeps.sources.proposals.changing_text import as_pattern, is_after_bar, marked, spans, without_marks
from sweeps.sources.proposals.form_steps import PlacedForm, PrintedForm, with_steps
from sweeps.sources.proposals.own_lines import LinePattern, kept_to_own
from sweeps.sources.proposals.phases import Phases
from sweeps.sources.proposals.shares import SEPARATOR, share_named
from sweeps.sources.proposals.table_heads import TableHeads
from sweeps.spec.trainer.source_model import COUNT, STEP_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sweeps.sources.proposals.shares import Share

_UNIT = r"(?=(?:ms|us|ns|s|it|[kKMG]i?B?|B|x)?(?![\w.]))"
_NUMBER = re.compile(
    rf"(?<![\w.])(?:[-+]?(?:\d+(?:,\d+)*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?{_UNIT}|(?i:nan|inf)(?!\w))"
)
_GLUED = re.compile(r"(?<=[A-Za-z_=:])[-+]?\d+\.\d+(?:[eE][-+]?\d+)?(?![\w.])")
"""A number right behind its name, as in `loss0.5`."""
_NAME = re.compile(
    r"([A-Za-z_][A-Za-z0-9_./-]*(?: [A-Za-z_][A-Za-z0-9_./-]*){0,2})['\"]?\s*(?:[:=]|->|\||is)?\s*[\[(]?\s*$"
)
CELL = r"[-+]?(?:[.\d]+(?:e[-+]?\d+)?|nan|inf)"
"""Reads a number in a line of bare numbers, which nothing else tells from one of words."""
_TRACEBACK = re.compile(r"(?:\[\w+\]:\s*)?Traceback \(most recent call last\):")
_CODE = re.compile(r'File ".+", line \d+')
_COUNTED = re.compile(r"^(?:n|num|cur|curr|current)_")
"""What may stand before such a word in a name: `n_episode` counts episodes."""
_NO_PLURALS = frozenset({"eps", "its"})
"""What is no plural of such a word: the eps of a policy, iterations a second."""
OF = "of"
"""How many there are, as in `batch 3/100`."""
_OF = re.compile(r"\s*(?:/|of)\s*")
_OF_BAR = "it"
"""What counts behind a bar, as tqdm calls it, where nothing before the bar counts."""
_EPOCH = re.compile(r"(?i)epochs?\W{0,3}(\d+)")
_OPENED = re.compile(r"[\[(]\s*$")
_MOST_LINES = 100_000
_LEAST = 2
"""A form that stands once alone is a message."""
_MOST_NUMBERS = 20
_MOST_APART = 10
"""So many forms are kept from reading the lines of others, the most frequent ones; those of so many others at most:"""
_MOST_OTHERS = 1000


@dataclass(slots=True)
class _Number:
    start: int
    end: int
    text: str


_Between: TypeAlias = "tuple[str, ...]"


@dataclass(slots=True)
class _Lines:
    """The lines of a form.

    Attributes:
        kept: Some of them, with their numbers; the last one is among them.
        places: The places of all among what was printed.
        epochs: The epoch that each of them names; empty: it names none.
        is_padded: Whether some begin with blanks.
        columns: Of rows of a table what each number's column is called.
    """

    kept: list[tuple[str, list[_Number]]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    epochs: list[str] = field(default_factory=list)
    is_padded: bool = False
    columns: tuple[str, ...] = ()

    def add(self, line: str, numbers: list[_Number], place: int) -> None:
        self.places.append(place)
        epoch = _EPOCH.search(line)
        self.epochs.append(epoch[1] if epoch is not None else "")
        if len(self.kept) < _MOST_NUMBERS or len(self.places) % 100 == 0:
            self.kept.append((line, numbers))
        else:
            self.kept[-1] = (line, numbers)


def printed_forms(lines: Iterable[str]) -> list[PrintedForm]:
    """The forms of lines that show metrics that change, those with most lines first.

    Where such lines have no counter, and the lines of another form lead them, such as `Epoch 3`, that form stands before
    all others, with no metrics.

    Args:
        lines: What the program printed, cleaned of colours and progress bars; the first 100,000 are looked at.
    """
    seen: dict[_Between, _Lines] = {}
    heads = TableHeads(COUNTERS)
    for place, printed in enumerate(_without_tracebacks(itertools.islice(lines, _MOST_LINES))):
        line = printed.lstrip()  # numbers are often padded
        numbers = _numbers(line)
        if not numbers:
            heads.see(line)
        elif len(numbers) <= _MOST_NUMBERS:
            between = _between(line, numbers)
            if between not in seen:
                seen[between] = _Lines(columns=_columns(line, numbers, between, heads))
            found = seen[between]
            found.add(line, numbers, place)
            found.is_padded = found.is_padded or line != printed
    forms = [
        (between, form)
        for between, own in seen.items()
        if len(own.places) >= _LEAST and (form := _form(between, own)) is not None
    ]
    forms.sort(key=lambda entry: -entry[1].count)
    few = [
        (between, _apart(between, form, seen)) if at < _MOST_APART else (between, form)
        for at, (between, form) in enumerate(forms)
    ]
    placed = [PlacedForm(form, seen[between].places, seen[between].epochs) for between, form in few]
    found_forms = with_steps(
        [one for one in placed if one.form.metrics], [one for one in placed if not one.form.metrics]
    )
    return list(_named_apart(found_forms))


def _without_tracebacks(lines: Iterable[str]) -> Iterator[str]:
    """The lines without those of Python's tracebacks, whose numbers are those of lines of code."""
    is_inside = False
    for line in lines:
        if _TRACEBACK.match(line):
            is_inside = True
        elif not _CODE.search(line) and not (is_inside and line.startswith((" ", "\t"))):
            if not is_inside:
                yield line
            is_inside = False  # this is the exception


def _apart(between: _Between, form: PrintedForm, seen: Mapping[_Between, _Lines]) -> PrintedForm:
    """A form whose pattern does not read the lines of others where it can be told from them."""
    own = [line for line, _ in seen[between].kept]
    others = [
        lines.kept[-1][0] for other, lines in itertools.islice(seen.items(), _MOST_OTHERS) if other != between
    ]
    start = r"^\s*" if seen[between].is_padded else "^"
    return replace(form, pattern=kept_to_own(LinePattern(form.pattern, own, start), others))


def _named_apart(forms: Iterable[PrintedForm]) -> Iterator[PrintedForm]:
    """The forms with names that are unlike: of a second `loss` a word that its lines have and the first one's lack stands before it."""
    taken: dict[str, PrintedForm] = {}
    for form in forms:
        told = form
        for name in form.metrics:
            first = taken.setdefault(name, told)
            if (
                first is told
                or re.search(first.pattern, form.example)
                or re.search(form.pattern, first.example)
            ):
                continue  # such lines are the first one's, too
            known = set(_words(first.example))
            words = (f"{word}_{name}" for word in _words(form.example) if word not in known)
            numbered = (f"{name}_{number}" for number in itertools.count(2))
            new = next(more for more in itertools.chain(words, numbered) if more not in taken)
            told = replace(
                told,
                pattern=told.pattern.replace(f"(?P<{name}>", f"(?P<{new}>"),
                metrics=tuple(new if one == name else one for one in told.metrics),
                derived=tuple((new if key == name else key, made) for key, made in told.derived),
            )
            taken[new] = told
        yield told


def _words(line: str) -> list[str]:
    return re.findall(r"[a-z]+", _NUMBER.sub(" ", line).lower())


def lines_with_numbers(lines: Iterable[str]) -> int:
    """How many lines hold a number with a word before it."""
    return sum(1 for line in lines if any(name_before(line[: number.start]) for number in _numbers(line)))


def _numbers(line: str) -> list[_Number]:
    changing = spans(line)
    found = {match.start(): match for pattern in (_NUMBER, _GLUED) for match in pattern.finditer(line)}
    numbers: list[_Number] = []
    for start, match in sorted(found.items()):
        inside = any(start < end and match.end() > begin for begin, end in changing)
        if not inside and (not numbers or start >= numbers[-1].end):
            numbers.append(_Number(start, match.end(), match[0]))
    return numbers


def _between(line: str, numbers: list[_Number]) -> _Between:
    """The text around the numbers; blanks count as one, since columns are often padded."""
    edges = [0, *(edge for number in numbers for edge in (number.start, number.end)), len(line)]
    texts = (line[edges[at] : edges[at + 1]] for at in range(0, len(edges), 2))
    return tuple(re.sub(r"\s+", " ", marked(text)) for text in texts)


def _columns(line: str, numbers: list[_Number], between: _Between, heads: TableHeads) -> tuple[str, ...]:
    """What a table's head calls each number of a row; empty where the line is none: words stand in it, or there is no head."""
    if any(re.search(r"[A-Za-z]", without_marks(text)) for text in between):
        return ()
    told = dict(heads.names(line))
    names = [told.get(number.start, "") for number in numbers]
    return tuple(name_before(f"{name} ") for name in names) if any(names) else ()


def _form(between: _Between, lines: _Lines) -> PrintedForm | None:
    """What lines show; None where that is neither a metric nor a counter that rises."""
    example, numbers = lines.kept[-1]
    columns = [[row[at].text for _, row in lines.kept] for at in range(len(numbers))]
    names = _names_of_row(lines.columns, columns) or _names(example, numbers, columns)
    at_share, share = (0, None) if lines.columns else _share(example, numbers, columns)
    if share is not None:
        names[at_share : at_share + 2] = share.part, share.whole
    derived = (share.derived,) if share is not None else ()
    parts = (share.part, share.whole) if share is not None else ()
    metrics = (
        *(
            name
            for name, column in zip(names, columns, strict=True)
            if name and name not in {*COUNTERS, OF, *parts} and len(set(column)) > 1
        ),
        *(name for name, _ in derived),
    )
    named = {
        name: column for name, column in zip(names, columns, strict=True) if name in COUNTERS or name == OF
    }
    step = _step(named, is_bar=any("<bar>" in text for text in between))
    if not metrics and not (step in named and _rises(named[step])):
        return None
    readable = {*metrics, *parts, *re.findall(r"\w+", step), *STEP_NAMES}
    kept_names = [name if name in readable else "" for name in names]
    last = max(at for at, name in enumerate(kept_names) if name)
    pattern = [r"^\s*" * bool(lines.columns) + as_pattern(between[0]).removeprefix(r"\s+")]
    usual = CELL if lines.columns and not named else r"[-+.\w]+"
    for at, name in enumerate(kept_names[: last + 1]):
        value = (
            r"\d+"
            if name in named or name in parts
            else r"[-+.\d]+"
            if between[at + 1][:1].isalnum()
            else usual
        )
        pattern.append(f"(?P<{name}>{value})" if name else r"[-+.,\w]+")
        pattern.append(as_pattern(between[at + 1]) if at < last else "")
    return PrintedForm("".join(pattern), metrics, step, len(lines.places), example, derived=derived)


def _share(line: str, numbers: list[_Number], columns: list[list[str]]) -> tuple[int, Share | None]:
    """The first share that two numbers of a line make up, such as `Accuracy: 527/540`, and the place of the first of them."""
    for at in range(len(numbers) - 1):
        part, whole = columns[at], columns[at + 1]
        between = line[numbers[at].end : numbers[at + 1].start]
        if not SEPARATOR.fullmatch(between) or not all(text.isdecimal() for text in (*part, *whole)):
            continue
        first = numbers[at - 1].end if at else 0
        said = name_before(line[first : numbers[at].start])
        is_share = all(int(one) <= int(other) > 0 for one, other in zip(part, whole, strict=True))
        if is_share and (share := share_named(said)):
            phases = Phases(line[:first])
            name = phases.named(share.name, line[first : numbers[at].start], (), is_counter=False)
            return at, replace(share, name=name)
    return 0, None


def _names_of_row(heads: tuple[str, ...], columns: list[list[str]]) -> list[str]:
    """The names of a table's columns, each once; empty where a column that should count does not."""
    names = [name if name not in heads[:at] else "" for at, name in enumerate(heads)]
    return [
        "" if name in COUNTERS and not all(text.isdecimal() for text in column) else name
        for name, column in zip(names, columns, strict=bool(names))
    ]


def _rises(column: list[str], *, strictly: bool = True) -> bool:
    return all(
        int(before) < int(after) or (before == after and not strictly)
        for before, after in itertools.pairwise(column)
    )


def _step(named: dict[str, list[str]], *, is_bar: bool) -> str:
    """The step's expression: the counter that stands in the line, or epoch and batch together; beside a bar the last of it counts."""
    word = next((word for word in COUNTERS if word in named), "")
    column = named.get(word, [])
    if len(set(column)) == len(column) or (is_bar and (word != _OF_BAR or _rises(column, strictly=False))):
        return word or COUNT
    batch = next((word for word in ("batch", "it") if word in named), "")
    if word != "epoch" or not batch or OF not in named:
        return COUNT
    first = "(epoch - 1)" if min(map(int, named["epoch"])) > 0 else "epoch"
    return f"{first} * {OF} + {batch}"


def _names(line: str, numbers: list[_Number], columns: list[list[str]]) -> list[str]:
    """A group's name for each number, each once; empty where none stands before it."""
    names: list[str] = []
    phases = Phases()
    for at, number in enumerate(numbers):
        before = line[numbers[at - 1].end if at else 0 : number.start]
        after = line[number.end : numbers[at + 1].start] if at + 1 < len(numbers) else ""
        name = name_before(before)
        if at and names[at - 1] and _OF.fullmatch(before):
            name = OF if names[at - 1] in COUNTERS and len(set(columns[at])) == 1 else ""
        elif not name and is_after_bar(before):
            name = "" if any(one in COUNTERS for one in names) else _OF_BAR
        elif not name and _OPENED.search(before) and _OF.fullmatch(after) and names[-1:] == ["epoch"]:
            name = "batch"
        if name in COUNTERS and not all(text.isdecimal() for text in columns[at]):
            name = ""  # an epoch of 0.5 is none to count by
        if name == OF and names[at - 1] == "epoch":
            name = ""
        names.append(phases.named(name, before, names, is_counter=name in COUNTERS))
    return names


def name_before(before: str) -> str:
    """The name that stands before a number: `Train Loss:` as `train_loss`; of a counter its own word alone."""
    match = _NAME.search(before)
    if match is None:
        return ""
    name = re.sub(r"\W+", "_", match[1].strip().lower()).strip("_")
    last = match[1].lower().rpartition(" ")[2]
    plural = last if last in _NO_PLURALS else last.removesuffix("s")
    for word in (last, plural, _COUNTED.sub("", last)):
        if word in COUNTERS:
            return word
    return f"_{name}" if name[:1].isdigit() else name
