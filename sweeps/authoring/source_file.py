"""Reads a Python file as a syntax tree, without importing or running anything of it."""

from __future__ import annotations

import io
import itertools
import re
import sys
import tokenize
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from sweeps.errors import ScriptError, did_you_mean
from sweeps.program.modules import tree_of

if TYPE_CHECKING:
    import ast
    from pathlib import Path

MOST_BYTES = 1 << 18
"""A longer file is data rather than a program, and would take seconds."""
_PYTHON_2 = re.compile(r"Missing parentheses in call to|multiple exception types must be parenthesized|print")
_COMPILED = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ\x90")
"""How compiled programs begin: those of Linux, of macOS (for one and for several processors) and of Windows."""
_LANGUAGES = {
    **dict.fromkeys((".sh", ".bash", ".zsh", ".ksh"), "shell"),
    **dict.fromkeys((".r", ".rscript"), "R"),
    ".jl": "Julia",
    ".pl": "Perl",
    ".lua": "Lua",
    ".rb": "Ruby",
    ".js": "JavaScript",
    ".ts": "TypeScript",
    ".c": "C",
    ".cc": "C++",
    ".cpp": "C++",
    ".cu": "CUDA",
    **dict.fromkeys((".f", ".f90", ".f95"), "Fortran"),
    ".rs": "Rust",
    ".go": "Go",
    ".java": "Java",
    ".m": "Matlab",
}
_TO_COMPILE = frozenset({"C", "C++", "CUDA", "Fortran", "Rust", "Go", "Java"})
_SHEBANG = re.compile(rb"#!(?P<words>[^\r\n]+)")
_PYTHON = re.compile(r"(python|pypy|ipython)[\w.-]*|uv")
"""What runs Python, by its name: uv, too, behind whose `run` a script stands."""
_OTHERS = frozenset(
    ["sh", "bash", "zsh", "dash", "ksh", "Rscript", "julia", "perl", "ruby", "node", "lua", "awk"]
)
"""What runs no Python, whatever the file is called."""
_USUAL_PLACES = ("/bin", "/usr/bin", "/usr/local/bin")
"""A program in one of these folders is known by its name."""
_MOST_BEGINNING = 200
_ENDINGS = frozenset({".py", ".pyw"})
_USUAL = ("train.py", "main.py", "run.py")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Python file.

    Attributes:
        path: Where it is.
        text: Its text.
        tree: Its syntax tree.
        comments: The comment at the end of a line, by the line's number.
    """

    path: Path
    text: str
    tree: ast.Module
    comments: dict[int, str] = field(default_factory=dict)


def read_source(path: Path) -> SourceFile:
    """Read a file.

    Raises:
        ScriptError: It is none, is too large, or is not Python that this Python can read.
    """
    content = _bytes_of(path)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
    except SyntaxError as error:
        raise ScriptError(
            f"{path}: {error.msg or error}; correct its `coding:` line, or save it as UTF-8"
        ) from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ScriptError(
            f"{path}:{line}: byte 0x{content[error.start]:02x} is no {error.encoding}; save the file as UTF-8, "
            "or say its encoding in its first line: # -*- coding: latin-1 -*-"
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return SourceFile(path, text, _tree(path, text), _comments(text))


def _bytes_of(path: Path) -> bytes:
    try:
        if path.is_dir():
            inside = [name for name in _USUAL if (path / name).is_file()]
            hint = f"; write {path / inside[0]}" if inside else "; name the script in it"
            raise ScriptError(f"{path} is a directory, not a script{hint}")
        if not path.exists():
            names = sorted(other.name for other in path.parent.glob("*.py")) if path.parent.is_dir() else []
            raise ScriptError(f"there is no script {path}{did_you_mean(path.name, names)}")
        if not path.is_file():
            raise ScriptError(f"{path} is no regular file; name a Python script")
        if path.suffix.lower() == ".ipynb":
            raise ScriptError(
                f"{path} is a notebook, and `sweep init` reads scripts; `sweep recipe a-notebook` shows how its code "
                "becomes a module, and how papermill runs it as it is"
            )
        if other := other_language(path):
            raise ScriptError(f"{path} is {other}, and `sweep init` reads Python; {_instead(path, other)}")
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise ScriptError(
                f"{path} has {size >> 10} KiB; a script of more than {MOST_BYTES >> 10} KiB is not read. "
                "Name the script that is started, or write the file by hand: `sweep recipe` lists how"
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ScriptError(f"{path}: cannot be read: {reason}") from None


def _instead(path: Path, other: str) -> str:
    """What to do with a file that is not of Python."""
    by_hand = "or write the file by hand: `sweep recipe shell` shows how"
    if other in {f"a file of {language}" for language in _TO_COMPILE}:
        return f"compile it, and name the program, with its words behind --: sweep init ./{path.stem} -- WORDS, {by_hand}"
    words = f"type its words behind --: sweep init {path} -- WORDS"
    if re.search(r"\b(shell|\w*sh)$", other):
        return f"`sweep import {path}` takes over the command lines in it; where it is itself what a trial runs, {words}, {by_hand}"
    return f"{words}, {by_hand}"


def other_language(path: Path) -> str:
    """What a file is that is not of Python; empty where nothing says so, or there is none.

    Raises:
        OSError: It cannot be read.
    """
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        beginning = file.read(_MOST_BEGINNING)
    if beginning.startswith(_COMPILED):
        return "a compiled program"
    if language := _LANGUAGES.get(path.suffix.lower()):
        return f"a file of {language}"
    name = PurePath(next(iter(_words_of(beginning)), "python")).name
    is_python = name not in _OTHERS and (path.suffix.lower() in _ENDINGS or _PYTHON.fullmatch(name))
    return "" if is_python else f"a script for {name}"


def interpreter_of(path: Path) -> list[str]:
    """The words of a first line `#!`, as they are typed by hand: `env` finds what stands behind its own options; none without such a line.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        words = _words_of(file.read(_MOST_BEGINNING))
    if words and str(PurePath(words[0]).parent) in _USUAL_PLACES:
        words[0] = PurePath(words[0]).name
    return words


def _words_of(beginning: bytes) -> list[str]:
    """The words of a file's first line `#!`, but for `env` and its options."""
    found = _SHEBANG.match(beginning)
    words = found["words"].decode(errors="replace").split() if found is not None else []
    if words and PurePath(words[0]).name == "env":
        words = list(itertools.dropwhile(lambda word: word.startswith("-") or "=" in word, words[1:]))
    return words


def _tree(path: Path, text: str) -> ast.Module:
    version = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    try:
        return tree_of(text)
    except SyntaxError as error:
        line = f":{error.lineno}" if error.lineno else ""
        if path.suffix not in {*_ENDINGS, ""}:
            raise ScriptError(
                f"{path}{line}: is not Python: {error.msg}; `sweep init` reads Python scripts"
            ) from None
        old = _PYTHON_2.search(error.msg or "")
        remedy = "it looks like Python 2: convert it with 2to3 first" if old else "correct it first"
        raise ScriptError(f"{path}{line}: is no {version}: {error.msg}; {remedy}") from None
    except (RecursionError, MemoryError):
        raise ScriptError(f"{path}: its expressions are nested too deeply to be read") from None
    except ValueError as error:
        raise ScriptError(f"{path}: is no text of Python: {error}") from None


def _comments(text: str) -> dict[int, str]:
    """The comments that stand behind code, without `# type:` and the like."""
    found = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip():
                said = token.string.lstrip("#").strip()
                if said and not re.match(r"(type:|noqa|pylint|pragma)", said):
                    found[token.start[0]] = said
    except (tokenize.TokenError, SyntaxError):
        return found
    return found
