"""The parts of the file's JSON schema: what may stand under a key, and what it is for.

The readers of the file hold tables of these, one for each mapping, and take no key that is not in its table. So a new
key is one line there, and `sweep schema` has it. A shape may let through what a reader refuses, where JSON Schema has no
words for it; it never refuses what a reader takes.

Two shapes of different types, such as a text or a list, make one by `either`: an editor's message is then about what
stands there, and not about two schemas of which none fits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sweeps.spec.fields import MAX_NUMBER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

Shape: TypeAlias = dict[str, Any]
Keys: TypeAlias = "Mapping[str, Shape]"

ANYTHING: Shape = {}
SCALAR: Shape = {"type": ["string", "number", "boolean"]}
KEY: Shape = {"pattern": r"^[\w\u0080-\uffff-]+(\.[\w\u0080-\uffff-]+)*$"}
"""A dotted key of the config."""
_NAME = r"[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*"
_TIME = r"^(?=.*[1-9])\s*[0-9]*\.?[0-9]+\s*[smhd]\s*$"


def told(text: str, shape: Shape) -> Shape:
    """A shape with what an editor shows of it; empty: nothing."""
    return {"description": text, **shape} if text else shape


def word(text: str = "", pattern: str = r"\S") -> Shape:
    """A text that is not empty, or that a pattern finds something in."""
    return told(text, {"type": "string", "pattern": pattern})


def target(text: str) -> Shape:
    """`module:name`."""
    return word(text, rf"^{_NAME}(\.{_NAME})*:{_NAME}$")


def flag(text: str) -> Shape:
    """True or false."""
    return told(text, {"type": "boolean"})


def count(text: str, least: int = 1, most: int | None = None) -> Shape:
    """A whole number in these bounds."""
    shape = told(text, {"type": "integer", "minimum": least})
    return shape if most is None else {**shape, "maximum": most}


def duration(text: str) -> Shape:
    """A time such as `90s`, or a number of seconds."""
    number = {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_NUMBER}
    return told(text, {**either(word(pattern=_TIME), number), "examples": ["30m", "2h"]})


def one_of(words: Collection[str], text: str = "", usual: str | None = None) -> Shape:
    """One of some words.

    Args:
        words: The words.
        text: What it is for.
        usual: Which one holds where none is written.
    """
    default = {"default": usual} if usual is not None else {}
    return told(text, {"type": "string", "enum": list(words), **default})


def mapping(text: str, keys: Keys, needs: Collection[str] = (), **more: Any) -> Shape:
    """A mapping with these keys and no other.

    Args:
        text: What it is for.
        keys: What may stand under each.
        needs: Those that have to be there.
        more: Further words of JSON Schema.
    """
    required = {"required": list(needs)} if needs else {}
    shape = {"type": "object", "properties": dict(keys), "additionalProperties": False, **required, **more}
    return told(text, shape)


def named(text: str, each: Shape, name: Shape = ANYTHING, least: int = 0) -> Shape:
    """A mapping of names that the user chooses."""
    names = {"propertyNames": name} if name else {}
    filled = {"minProperties": least} if least else {}
    return told(text, {"type": "object", "additionalProperties": each, **names, **filled})


def listed(text: str, each: Shape, least: int = 0, **more: Any) -> Shape:
    """A list."""
    filled = {"minItems": least} if least else {}
    return told(text, {"type": "array", "items": each, **filled, **more})


def either(*shapes: Shape) -> Shape:
    """One of shapes of different types, as a single one: each word of JSON Schema speaks of one type only, but `enum`."""
    types: list[str] = []
    merged: Shape = {}
    others: list[str] = []
    words = next((shape for shape in shapes if "enum" in shape), None)
    for shape in shapes:
        kinds = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
        types += kinds
        others += [] if shape is words else kinds
        merged = {**shape, **merged}
    if words is not None:
        del merged["enum"]
        merged["anyOf"] = [{"enum": words["enum"]}, {"type": others}]
    return {**merged, "type": types}


def shared(name: str, text: str) -> Shape:
    """What depends on the trainer's own settings, and is defined once: `settings`, `axes` and so on."""
    return told(text, {"allOf": [{"$ref": f"#/definitions/{name}"}]})


def without(keys: Collection[str]) -> Shape:
    """A mapping in which none of these keys stands."""
    return {"properties": dict.fromkeys(keys, False)}


def exactly_one(keys: Collection[str]) -> Shape:
    """A mapping in which one of these keys stands, and only one."""
    return {"oneOf": [{"required": [key]} for key in keys]}


def some_of(keys: Collection[str]) -> Shape:
    """A mapping in which at least one of these keys stands."""
    return {"anyOf": [{"required": [key]} for key in keys]}


def any_case(pattern: str) -> str:
    """A pattern that finds letters of either case: those of schemas have no flags."""
    return "".join(
        f"[{letter.lower()}{letter.upper()}]" if letter.isalpha() else letter for letter in pattern
    )
