"""Writes files that git does not track as a patch that adds them, in the form that `git apply` reads. Pure."""

from __future__ import annotations

import base64
import hashlib
import zlib

_TEXT_BYTES = 8000
"""Like git, a file without a zero byte in so many of its first is text."""
_LINE = 52
"""Bytes that a line of a binary patch holds."""
_PLAIN = frozenset(range(0x20, 0x7F)) - frozenset(b'"\\')
_ESCAPES = {0x22: b'\\"', 0x5C: b"\\\\", 0x09: b"\\t", 0x0A: b"\\n", 0x0D: b"\\r"}


def added(name: bytes, content: bytes, *, executable: bool = False) -> bytes:
    """The patch that adds one file.

    Args:
        name: Its path below the repository's top, as the file system has it.
        content: Its bytes; they may be in any encoding, or binary.
        executable: Whether it may be run.
    """
    old, new = _quoted(b"a/" + name), _quoted(b"b/" + name)
    # Git names a file's content so.
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    mode = b"100755" if executable else b"100644"
    head = b"diff --git %s %s\nnew file mode %s\nindex %s..%s\n" % (old, new, mode, b"0" * 40, blob.encode())
    if not content:
        return head
    if b"\0" in content[:_TEXT_BYTES]:
        return head + _binary(content)
    return head + b"--- /dev/null\n+++ %s%s\n" % (new, b"\t" if b" " in name else b"") + _text(content)


def _text(content: bytes) -> bytes:
    lines = content.split(b"\n")
    last = lines.pop()
    count = len(lines) + bool(last)
    head = b"@@ -0,0 +1%s @@\n" % (b",%d" % count if count > 1 else b"")
    tail = b"+%s\n\\ No newline at end of file\n" % last if last else b""
    return head + b"".join(b"+%s\n" % line for line in lines) + tail


def _binary(content: bytes) -> bytes:
    packed = zlib.compress(content)
    return b"GIT binary patch\nliteral %d\n%s\nliteral 0\n%s\n" % (
        len(content),
        _lines(packed),
        _lines(zlib.compress(b"")),
    )


def _lines(packed: bytes) -> bytes:
    chunks = (packed[start : start + _LINE] for start in range(0, len(packed), _LINE))
    return b"".join(_length(chunk) + base64.b85encode(chunk, pad=True) + b"\n" for chunk in chunks)


def _length(chunk: bytes) -> bytes:
    """How many bytes a line holds, as a letter: A to Z for 1 to 26, a to z for 27 to 52."""
    count = len(chunk)
    return bytes([ord("A") + count - 1 if count <= 26 else ord("a") + count - 27])  # noqa: PLR2004 - the alphabet


def _quoted(name: bytes) -> bytes:
    """A name as git writes it: in quotes, with escapes, where it has bytes that are not plain ASCII."""
    if all(byte in _PLAIN for byte in name):
        return name
    return b'"%s"' % b"".join(
        bytes([byte]) if byte in _PLAIN else _ESCAPES.get(byte, b"\\%03o" % byte) for byte in name
    )
