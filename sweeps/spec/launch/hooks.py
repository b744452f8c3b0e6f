"""Reads `on:`, what is to be called when a trial has ended or all is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sweeps.spec.schema.shapes import SCALAR, either, listed, mapping, told, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sweeps.spec.fields import FieldReader
    from sweeps.spec.schema.shapes import Keys, Shape
    from sweeps.spec.yaml_reader import Node

_HOOK: Shape = either(
    word(pattern=r"^\s*(?!https?://([/?#]|\s*$))\S"),
    listed("", SCALAR, least=1, allOf=[{"items": [{"not": {"type": "string", "pattern": r"^\s*$"}}]}]),
)
_CALLED = "a command, its words as a list, or an http(s) address to post to."
EVENTS: Keys = {
    "finished": told(f"Called when a trial has finished: {_CALLED}", _HOOK),
    "failed": told(f"Called when a trial has failed: {_CALLED}", _HOOK),
    "done": told(f"Called when all is over: {_CALLED}", _HOOK),
}
ON = mapping("What is called when a trial has ended or all is over.", EVENTS)
_SCHEMES = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Hook:
    """What is called: a command, or an address that gets a POST.

    Attributes:
        words: The command's words; empty for an address.
        url: The address; empty for a command.
    """

    words: tuple[str, ...] = ()
    url: str = ""

    @property
    def masked(self) -> str:
        """The address without what may be a secret of it, for texts that others see."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname or ''}/***"


@dataclass(frozen=True, slots=True)
class Hooks:
    """The hooks of a file, by event."""

    by_event: Mapping[str, Hook] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.by_event)

    def without_secrets(self, text: str) -> str:
        """A text that quotes the file, with the paths of its addresses masked: whoever has one can post there."""
        for hook in self.by_event.values():
            if hook.url:
                text = text.replace(hook.url, hook.masked)
        return text


def read_hooks(node: Node | None, reader: FieldReader) -> Hooks:
    """Read `on: {finished: ..., failed: ..., done: ...}`."""
    entries = reader.mapping(node, EVENTS) or {}
    hooks = {event: _read_hook(entry, reader) for event, entry in entries.items() if event in EVENTS}
    return Hooks({event: hook for event, hook in hooks.items() if hook is not None})


def _read_hook(node: Node, reader: FieldReader) -> Hook | None:
    if isinstance(node.content, str) and node.content.strip():
        text = node.content.strip()
        if not text.startswith(_SCHEMES):
            return Hook(("/bin/sh", "-c", text))
        if urlsplit(text).hostname:
            return Hook(url=text)
        reader.problem(node, f"'{text}' names no host; write for example https://example.org/hook")
        return None
    if node.items:
        words = [str(item.content) for item in node.items if isinstance(item.content, str | int | float)]
        if len(words) == len(node.items) and words[0].strip():
            return Hook(tuple(words))
    message = (
        f"must be a command, its words as a list, or an http(s) address to post to, not {node.describe()}"
    )
    reader.problem(node, message)
    return None
