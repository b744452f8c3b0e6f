"""What a command finds around it: `env:`, `python:`, `cwd:`, `link:`, `snapshot:`, `resume:`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sweeps.spec.schema.shapes import any_case, either, flag, listed, mapping, told, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sweeps.errors import Place
    from sweeps.spec.fields import FieldReader
    from sweeps.spec.schema.shapes import Keys, Shape
    from sweeps.spec.yaml_reader import Node

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OWN = re.compile(r"SWEEP_.*|MLFLOW_TRACKING_URI|MLFLOW_RUN_ID")
_DEVICES = re.compile(r"(CUDA|HIP|ROCR)_VISIBLE_DEVICES|NVIDIA_VISIBLE_DEVICES")
_SECRETS = "token|secret|password|passwd|api_?key|access_?key"
_SECRET = re.compile(rf"(.*_)?({_SECRETS})", re.IGNORECASE)
_OF_SECRETS = re.compile(
    rf"(.*_)?({_SECRETS}|secrets|credentials?|private_?key)(_.*)?|_env|_netrc", re.IGNORECASE
)
_OF_A_SHELL = re.compile(r"\$\{?[A-Za-z_]\w*\}?")
_WORDS = listed("", {"type": ["string", "number", "boolean"], "minLength": 1})
CALLER_KEYS: Keys = {"from": word("The variable of your shell that it is taken from.", f"^{_NAME.pattern}$")}
_CALLER = mapping("", CALLER_KEYS, ("from",))
_VALUE: Shape = either(
    {"type": "string", "not": {"type": "string", "pattern": _OF_A_SHELL.pattern}},
    {"type": ["number", "boolean", "null"]},
    _CALLER,
)
_ENV: Shape = {
    "type": "object",
    "propertyNames": {"pattern": f"^(?!({_OWN.pattern}|{_DEVICES.pattern})$){_NAME.pattern}$"},
    "patternProperties": {
        f"^{any_case(_SECRET.pattern)}$": either({"type": ["string", "null"], "maxLength": 0}, _CALLER)
    },
    "additionalProperties": _VALUE,
}
RESUME_KEYS: Keys = {
    "when": word("The file that must be there."),
    "add": told("The words that have the program go on.", _WORDS),
}
SURROUNDING_KEYS: Keys = {
    "env": told(
        "Variables of its environment; {from: NAME} takes one of your shell, null removes one.", _ENV
    ),
    "python": word("Its Python: an interpreter, or the folder of a virtual environment."),
    "cwd": word("Where it runs, such as {run_dir}. Without: where `sweep` does."),
    "link": told(
        "What is linked into its `cwd`: paths, or names with the paths they lead to.",
        either(_WORDS, {"type": "object", "additionalProperties": word()}),
    ),
    "resume": told(
        "Words that are added when a trial is taken up again, such as [--resume, '{run_dir}/last.ckpt'].",
        either(_WORDS, mapping("", RESUME_KEYS, ("add",))),
    ),
}
"""The keys of `trainer:` that are read here, and that a command alone has."""
SNAPSHOT_KEYS: Keys = {
    "snapshot": flag(
        "Whether trials run a copy of the code, as it was when `sweep run` began. Without: true."
    )
}
"""What is read here of a function, too."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the program's environment.

    Attributes:
        name: Its name.
        text: Its value, with placeholders; None: it is not there, or comes from the caller.
        caller: The variable of the caller's environment that holds its value, which is recorded nowhere; or None.
        place: Where it stands.
    """

    name: str
    text: str | None
    caller: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Template:
    """A text with placeholders.

    Attributes:
        part: The key of the trainer that it stands under.
        text: The text.
        place: Where it stands.
    """

    part: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Link:
    """What a program finds in its folder, or beside that, although it lies elsewhere.

    Attributes:
        target: What the link leads to.
        name: The path by which the program reads it; None: as the target is written, or the name of an absolute one.
    """

    target: Template
    name: Template | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """The words that have a program go on where it was, when its trial is taken up again.

    Attributes:
        add: The words.
        when: The file that must be there; None: what `is_plain` says.
        is_plain: Whether only the words are written: the files that they name must be there.
    """

    add: tuple[Template, ...] = ()
    when: Template | None = None
    is_plain: bool = True


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a command finds around it.

    Attributes:
        env: Variables of its environment, beside those that are inherited.
        python: Its Python: an interpreter, or the folder of a virtual environment; None: the one that runs `sweep`.
        cwd: Where it runs; None: where `sweep` does.
        link: What is linked into that folder.
        in_place: Whether the code is run where it is, in place of a copy.
        resume: What is added to the command when the trial is taken up again.
    """

    env: tuple[Variable, ...] = ()
    python: str | None = None
    cwd: Template | None = None
    link: tuple[Link, ...] = ()
    in_place: bool = False
    resume: Resume = field(default_factory=Resume)

    def templates(self) -> Iterator[Template]:
        """Every text in which placeholders stand for what a trial has."""
        yield from (Template("env", v.text, v.place) for v in self.env if v.text is not None)
        yield from (self.cwd,) if self.cwd is not None else ()
        for link in self.link:
            yield from (link.target,) if link.name is None else (link.name, link.target)
        yield from self.resume.add if self.resume.when is None else (self.resume.when, *self.resume.add)


def read_surroundings(entries: Mapping[str, Node], reader: FieldReader) -> Surroundings:
    """Read them from the entries of `trainer:`."""
    cwd = reader.word(entries.get("cwd"))
    link = tuple(_links(entries.get("link"), reader))
    if link and "cwd" not in entries:
        reader.problem(entries["link"], 'is for a `cwd:` of its own; write `cwd: "{run_dir}"` too')
    return Surroundings(
        env=tuple(_variables(entries.get("env"), reader)),
        python=reader.word(entries.get("python")),
        cwd=Template("cwd", cwd, entries["cwd"].place) if cwd is not None else None,
        link=link,
        in_place=_is_in_place(entries.get("snapshot"), reader),
        resume=_resume(entries.get("resume"), reader),
    )


def _links(node: Node | None, reader: FieldReader) -> Iterator[Link]:
    if node is None or node.mapping is None:
        yield from map(Link, _words("link", node, reader))
        return
    for name, entry in node.mapping.items():
        if (target := reader.word(entry)) is not None:
            yield Link(Template("link", target, entry.place), Template("link", name, node.key_place(name)))


def _resume(node: Node | None, reader: FieldReader) -> Resume:
    if node is None or node.mapping is None:
        return Resume(_words("resume", node, reader))
    entries = reader.mapping(node, RESUME_KEYS) or {}
    if "add" not in entries:
        reader.problem(node, "needs `add:`, the words that have the program go on, such as [--resume]")
    when = reader.word(entries.get("when"))
    return Resume(
        _words("resume", entries.get("add"), reader),
        Template("resume", when, entries["when"].place) if when is not None else None,
        is_plain=False,
    )


def _is_in_place(node: Node | None, reader: FieldReader) -> bool:
    if node is not None and not isinstance(node.content, bool):
        written = f"not {node.describe()}"
        reader.problem(node, f"must be true (run a copy) or false (run the code where it is), {written}")
        return False
    return node is not None and node.content is False


def _words(part: str, node: Node | None, reader: FieldReader) -> tuple[Template, ...]:
    found = []
    for item in reader.items(node):
        value = item.content
        if isinstance(value, dict | tuple) or value is None or value == "":
            reader.problem(item, f"must be a list of words, not of {item.describe()}")
        else:
            found.append(Template(part, _text(value), item.place))
    return tuple(found)


def _variables(node: Node | None, reader: FieldReader) -> Iterator[Variable]:
    for name, value in (reader.mapping(node) or {}).items():
        assert node is not None  # noqa: S101 - it has entries
        place = node.key_place(name)
        if (wrong := _refusal(name)) is not None:
            reader.problem(node, f"{name}: {wrong}", at=place)
        elif value.mapping is not None:
            if (caller := _caller(value, reader)) is not None:
                yield Variable(name, None, caller, value.place)
        elif value.items is not None:
            reader.problem(value, "must be a text, null (not there), or {from: NAME}, not a list")
        elif value.content is None:
            yield Variable(name, None, None, place)
        elif (wrong := _unfit(name, text := _text(value.content))) is not None:
            reader.problem(value, wrong)
        else:
            yield Variable(name, text, None, value.place)


def _caller(node: Node, reader: FieldReader) -> str | None:
    """The NAME of `{from: NAME}`."""
    entries = reader.mapping(node, CALLER_KEYS) or {}
    if "from" not in entries:
        reader.problem(node, "needs `from: NAME`, the variable of your shell that it is taken from")
        return None
    name = reader.word(entries["from"])
    if name is not None and not _NAME.fullmatch(name):
        reader.problem(entries["from"], f"must be the name of a variable, not {name!r}")
        return None
    return name


def _refusal(name: str) -> str | None:
    """Why a variable cannot be set, if it cannot."""
    if not _NAME.fullmatch(name):
        return "is no name of a variable; use letters, digits and _"
    if _OWN.fullmatch(name):
        return "sweep sets it for each trial; delete it"
    if _DEVICES.fullmatch(name):
        return "sweep gives each trial its devices; say `resources: {gpu: ...}` or `--gpus`"
    return None


def is_secret(name: str) -> bool:
    """Whether a variable of this name holds what belongs in no file."""
    return _SECRET.fullmatch(name) is not None


def names_secret(name: str) -> bool:
    """Whether an option or a file of this name holds, or leads to, what is recorded nowhere: `hf_token.txt`, `--password-file`, `.env`."""
    return _OF_SECRETS.fullmatch(name.replace("-", "_").replace(".", "_")) is not None


def _unfit(name: str, text: str) -> str | None:
    """Why a text cannot be a variable's value, if it cannot."""
    if (found := _OF_A_SHELL.search(text)) is not None:
        bare = found[0].strip("${}")
        return f"no shell replaces {found[0]}; write what it stands for, or {{from: {bare}}} for all of it"
    if is_secret(name) and text:
        return f"a secret does not belong in the file, which is recorded; write {{from: {name}}}"
    return None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
