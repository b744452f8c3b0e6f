"""What frameworks and launchers print behind the reason of a failure, and what says nothing of it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAYS_NOTHING = re.compile(
    r"(?i:try ['\"]?.+ (-h|--help)['\"]? for (help|more information)\b)"  # click, GNU
    r"|Pass --helpshort or --helpfull"  # absl
    r"|tip: For details of accepted options"  # jsonargparse
    r"|wandb: |\s*(?:🏃|🧪) View (?:run|experiment) "
    r"|.*\bresource_tracker\b.*leaked|\s*warnings\.warn\("  # Python, as it ends
    r"|(?:make|gmake)(?:\[\d+\])?: \*\*\* |srun: error: .*: Exited with exit code|ERROR conda\.cli\.main_run"
    r"|\[[\d :,-]*\]? ?\[(?:INFO|ERROR)\] \[launch\.py:"  # DeepSpeed
    r"|[═=─━*_~-]{3,}\s*$"
)
"""A line behind the reason."""
_HYDRA = re.compile(r"Set the environment variable HYDRA_FULL_ERROR=1")
_DETAILS_OF_HYDRA = re.compile(
    r"\s|See https://hydra\.cc|Available options in |Config search path:|To append to your config use"
    r"|Either remove \+ prefix|Or add a second \+|Key '.*' is not in struct|Did you mean"
)
_OVERRIDE = re.compile(r"Error parsing override ")
_USAGE = re.compile(r"(?i:usage): ")
_ERROR = re.compile(r"(?:[\w./\\-]+: )?(?i:fatal|error)\b[^:]{0,30}: \S")
_MOST_HELP = 60
"""So many lines of help may stand behind an error."""
_BOX_TOP, _BOX_SIDE, _BOX_BOTTOM, _BOX_RULE = "╭┌┏", "│┃", "╰└┗", re.compile(r"[─━═\s]*$")
_OF_LAUNCHER = re.compile(r"(?:[EWI]\d{4} |ERROR:|WARNING:|INFO:)\S*.*\btorch[/.]distributed\b")
_BANNER = re.compile(r"Setting OMP_NUM_THREADS environment variable")
_SIGNAL = re.compile(r"\s+traceback\s*: (Signal \d+ \(\w+\) received)")


def without_closing(lines: Sequence[str]) -> list[str]:
    """The lines up to the one that says why, as far as those behind it are known for saying nothing.

    Args:
        lines: Lines of which none is blank.

    Returns:
        The lines; where each is known for saying nothing, all of them.
    """
    left = _dropped(lines)
    if left and _HYDRA.match(left[-1]):
        left = _of_hydra(left[:-1])
    elif left and left[-1].lstrip()[:1] in _BOX_BOTTOM:
        left = _of_box(left)
    else:
        left = _before_help(left)
    return left or list(lines)


def of_worker(lines: Sequence[str], launcher: Sequence[str]) -> list[str]:
    """What a worker said that a launcher started: its lines, and by which signal it was ended.

    Args:
        lines: What stands before the launcher's own error.
        launcher: That error, with its table of failures.
    """
    signal = next((found[1] for line in reversed(launcher) if (found := _SIGNAL.match(line))), None)
    own = [line for line in lines if not _OF_LAUNCHER.match(line) and not _BANNER.match(line)]
    return [*own, signal] if signal is not None else _dropped(own)


def _dropped(lines: Sequence[str]) -> list[str]:
    """The lines without those at their end that say nothing."""
    left = list(lines)
    while left and _SAYS_NOTHING.match(left[-1]):
        left.pop()
    return left


def _of_hydra(lines: Sequence[str]) -> list[str]:
    """What Hydra says of a config that it cannot make, without what it says to help."""
    left = list(lines)
    while left and _DETAILS_OF_HYDRA.match(left[-1]):
        left.pop()
    if len(left) > 1 and _OVERRIDE.match(left[-2]):
        left[-2:] = [f"{left[-2]}: {left[-1]}"]
    return left


def _of_box(lines: Sequence[str]) -> list[str]:
    """The first line in the last box, as typer and tyro draw one around an error."""
    top = next((at for at in reversed(range(len(lines))) if lines[at].lstrip()[:1] in _BOX_TOP), None)
    inside = (
        [line.strip().strip(_BOX_SIDE).strip() for line in lines[top + 1 : -1]] if top is not None else []
    )
    said = [line for line in inside if not _BOX_RULE.match(line)]
    return [*lines[:top], said[0]] if said else list(lines)


def _before_help(lines: Sequence[str]) -> list[str]:
    """The lines up to an error behind which, or before which, the usage is told; all of them where there is none."""
    start = max(len(lines) - _MOST_HELP, 0)
    usage = next((at for at in range(start, len(lines)) if _USAGE.match(lines[at])), None)
    if usage is None or _ERROR.match(lines[-1]):
        return list(lines)
    errors = [at for at in range(max(usage - 1, 0), len(lines)) if _ERROR.match(lines[at])]
    return list(lines[: errors[-1] + 1]) if errors else list(lines)
