"""Answers a shell that asks what may stand next in a command line, and prints what has it ask.

Click does the work. Of bash only the words are found here: it takes a line apart at `=` and `:`, so that click would not see
`--only trial=NAME` as one word.
"""

from __future__ import annotations

import contextlib
import io
import os
import shlex
from typing import TYPE_CHECKING

from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from sweeps.cli.completion import VARIABLE

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' answer line
    answer=$(env COMP_WORDS="${COMP_LINE:0:$COMP_POINT}" COMP_BREAKS="$COMP_WORDBREAKS" \
%(complete_var)s=bash_complete "$1" 2>/dev/null)
    for line in $answer; do
        case "$line" in
            dir,*) compopt -o dirnames 2>/dev/null ;;
            file,*) compopt -o default 2>/dev/null ;;
            plain,*)
                COMPREPLY+=("${line#plain,}")
                case "$line" in *=) compopt -o nospace 2>/dev/null ;; esac
                ;;
        esac
    done
}
complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null || complete -F %(complete_func)s %(prog_name)s
"""


class _Bash(BashComplete):
    """Bash, from version 3.2 on."""

    source_template = _BASH

    def source(self) -> str:
        return self.source_template % self.source_vars()

    def get_completion_args(self) -> tuple[list[str], str]:
        words, last = split(os.environ.get("COMP_WORDS", ""))
        return words[1:], last

    def format_completion(self, item: CompletionItem) -> str:
        _, last = split(os.environ.get("COMP_WORDS", ""))
        breaks = [char for char in "=:" if char in os.environ.get("COMP_BREAKS", "=:")]
        begun = max((last.rfind(char) + 1 for char in breaks), default=0)
        value = str(item.value)
        return f"{item.type},{shlex.quote(value[begun:]) if item.type == 'plain' else value}"


SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": ZshComplete, "fish": FishComplete}
"""Each shell by its name."""


def script(cli: click.Command, shell: str) -> str:
    """What a shell has to read to complete command lines."""
    return SHELLS[shell](cli, {}, "sweep", VARIABLE).source()


def answer(cli: click.Command, asked: str) -> str:
    """What may stand next, as the shell's script takes it; whatever is wrong, nothing is said.

    Args:
        cli: The command.
        asked: What `VARIABLE` says.
    """
    shell = SHELLS.get(asked.removesuffix("_complete"))
    if shell is None:
        return ""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            return shell(cli, {}, "sweep", VARIABLE).complete()
        except (Exception, SystemExit):  # noqa: BLE001 - in the middle of a line there is no place for a message
            return ""


def split(line: str) -> tuple[list[str], str]:
    """The words of a line that is being typed, and the one that is not finished, which may be empty."""
    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        words.extend(lexer)
    except ValueError:  # a quote is open
        words.append(lexer.token)
        return words[:-1], words[-1]
    if not words or line[-1:].isspace():
        return words, ""
    return words[:-1], words[-1]
