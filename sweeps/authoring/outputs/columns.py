"""Tables of columns between blanks, with their head in a comment: numpy's `savetxt` writes them, and many a simulation."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from sweeps.authoring.literals import text_of
from sweeps.authoring.outputs.finding import FoundSource
from sweeps.authoring.outputs.paths import file_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sweeps.authoring.outputs.paths import PathReader
    from sweeps.authoring.script import Script

COLUMNS = frozenset({".dat", ".txt", ".out"})
"""What such tables are called; other texts are called so, too."""
_HEAD = re.compile(r"#\s*[A-Za-z_]\S*[\s,;]+[A-Za-z_]\S*.*\s*")


def writes_head(script: Script) -> bool:
    """Whether a script has a text that stands above columns: `# step energy`."""
    texts = (node.value for node in script.each(ast.Constant) if isinstance(node.value, str))
    return any(map(_HEAD.fullmatch, texts))


def saved_columns(script: Script, reader: PathReader) -> Iterator[FoundSource]:
    """The tables that numpy writes, with a head."""
    for call in script.calls("np.savetxt", "numpy.savetxt"):
        name = file_pattern(reader.path(call.args[0])) if call.args else ""
        if name and any(word.arg == "header" for word in call.keywords):
            yield FoundSource("csv", f"{{run_dir}}/**/{name}", told=text_of(call))
