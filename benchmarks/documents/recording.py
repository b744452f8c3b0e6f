"""Records the first commands of the quick start in a real terminal, as an SVG that plays them: docs/pictures/terminal.svg.

    python benchmarks/documents/recording.py       # with `pip install '.[docs]'`

What is seen is what the commands print, when they print it; only the typing is played, and waits are cut to a second and a half. The
script trains for longer than the quick start's, so that the table of the run is seen.
Without animation, as on paper, the picture shows the end.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shlex
import struct
import sys
import tempfile
import termios
import time
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "benchmarks")]

from documents import sessions  # noqa: E402 - found by the line above

OUT = ROOT / "docs" / "pictures" / "terminal.svg"
COMMANDS = (
    "sweep init train.py",
    "sweep check experiments.yaml",
    "sweep run experiments.yaml",
    "sweep report experiments.yaml",
)
SHORT, LONG = "default=40", "default=1000"
"""The epochs of the quick start's script, and of this one."""
COLUMNS, ROWS = 88, 26
WIDTH, HEIGHT, MARGIN = 8.4, 18.0, 14.0
"""Of a character, and around all, in pixels."""
TYPING_S, READING_S, END_S, LEAST_S, MOST_S = 0.05, 0.9, 6.0, 0.08, 1.5
_BACK, _FRONT = "#15181e", "#d7dae0"
_COLOURS = {
    "black": "#5c6370",
    "red": "#f0717f",
    "green": "#9ccf7a",
    "brown": "#e6c07b",
    "yellow": "#e6c07b",
    "blue": "#6cb6ff",
    "magenta": "#d291e4",
    "cyan": "#5cc4cf",
    "white": "#ffffff",
    "default": _FRONT,
}


class Run(NamedTuple):
    """Characters beside each other that look alike: where they begin, their colour, whether they are bold."""

    column: int
    text: str
    colour: str
    is_bold: bool


class Frame(NamedTuple):
    """What the screen shows from a time on: for each row its runs; the time in seconds."""

    at_s: float
    rows: tuple[tuple[Run, ...], ...]


class Terminal:
    """A screen on which commands are typed and run; keeps a frame of each state."""

    def __init__(self, folder: Path) -> None:
        """Begin with an empty screen, in a folder."""
        import pyte

        self.frames: list[Frame] = []
        self._folder = folder
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._now_s = 0.0

    def type(self, words: str) -> None:
        """Write a command behind the prompt, letter by letter."""
        self._show(b"\x1b[32m$\x1b[0m ")
        for letter in words:
            self._now_s += TYPING_S
            self._show(letter.encode())
        self._now_s += READING_S / 2
        self._show(b"\r\n")

    def run(self, words: str) -> int:
        """Run a command and show what it prints, when it does; returns its exit code."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self._folder)
            environment = sessions.folder_environment(Path(sys.executable).parent, self._folder)
            os.execvpe("sh", ["sh", "-c", words], environment | {"TERM": "xterm-256color"})  # noqa: S606, S607
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        before_s = time.monotonic()
        while select.select([terminal], [], [], sessions.LIMIT_S)[0]:
            try:
                told = os.read(terminal, 1 << 16)
            except OSError:
                break
            if not told:
                break
            self._now_s += min(time.monotonic() - before_s, MOST_S)
            before_s = time.monotonic()
            self._show(told)
        self._now_s += READING_S
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def _show(self, told: bytes) -> None:
        self._stream.feed(told)
        rows = tuple(tuple(_runs(self._screen.buffer[row])) for row in range(ROWS))
        if self.frames and self._now_s - self.frames[-1].at_s < LEAST_S:
            self.frames[-1] = Frame(self.frames[-1].at_s, rows)
        elif not self.frames or rows != self.frames[-1].rows:
            self.frames.append(Frame(self._now_s, rows))


def _runs(row: Any) -> list[Run]:
    found: list[Run] = []
    for column in range(COLUMNS):
        cell = row[column]
        colour = _COLOURS.get(cell.fg, f"#{cell.fg}" if len(cell.fg) == 6 else _FRONT)  # noqa: PLR2004 - rrggbb
        last = found[-1] if found else None
        if last and (last.colour, last.is_bold) == (colour, cell.bold):
            found[-1] = last._replace(text=last.text + cell.data)
        else:
            found.append(Run(column, cell.data, colour, cell.bold))
    stripped = (run._replace(text=run.text.rstrip()) for run in found)
    return [run for run in stripped if run.text.strip()]


def drawn(frames: list[Frame]) -> str:
    """The SVG: frames lie side by side behind a window, through which they are seen one after another."""
    across, down = COLUMNS * WIDTH + 2 * MARGIN, ROWS * HEIGHT + 2 * MARGIN
    lasts_s = frames[-1].at_s + END_S
    names: dict[tuple[Run, ...], str] = {}
    shown = []
    for number, frame in enumerate(frames):
        used = []
        for row, runs in enumerate(frame.rows):
            if runs:
                name = names.setdefault(runs, f"r{len(names)}")
                used.append(f'<use href="#{name}" x="{number * across:.0f}" y="{row * HEIGHT:.0f}"/>')
        shown.append("".join(used))
    keys = "".join(
        f"{100 * frame.at_s / lasts_s:.3f}%{{transform:translateX(-{number * across:.0f}px)}}"
        for number, frame in enumerate(frames)
    )
    end = f"transform:translateX(-{(len(frames) - 1) * across:.0f}px)"
    title = "A terminal: " + "; ".join(COMMANDS)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across:.0f} {down:.0f}" width="{across:.0f}" height="{down:.0f}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>text{{font:14px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}}#film{{{end}}}",
            f"@media (prefers-reduced-motion:no-preference){{#film{{animation:film {lasts_s:.2f}s steps(1,end) infinite}}}}",
            f"@media print{{#film{{animation:none}}}}@keyframes film{{{keys}100%{{{end}}}}}</style>",
            "<defs>",
            *(f'<g id="{name}">{"".join(map(_text, runs))}</g>' for runs, name in names.items()),
            "</defs>",
            f'<rect width="100%" height="100%" rx="8" fill="{_BACK}"/>',
            f'<svg x="{MARGIN}" y="{MARGIN}" width="{across - 2 * MARGIN:.0f}" height="{down - 2 * MARGIN:.0f}">',
            '<g id="film">',
            *shown,
            "</g></svg></svg>\n",
        ]
    )


def _text(run: Run) -> str:
    bold = ' font-weight="bold"' if run.is_bold else ""
    place = f'x="{run.column * WIDTH:.1f}" y="{HEIGHT * 0.78:.1f}" textLength="{len(run.text) * WIDTH:.1f}"'
    return f'<text {place} fill="{run.colour}"{bold} xml:space="preserve">{escape(run.text)}</text>'


def main() -> int:
    """Record, and say what was written."""
    page = (ROOT / "docs" / "quick-start.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        script = sessions.files(page)["train.py"].replace(SHORT, LONG)
        (folder / "train.py").write_text(script, encoding="utf-8")
        terminal = Terminal(folder)
        for words in COMMANDS:
            terminal.type(words)
            if code := terminal.run(words):
                print(f"{shlex.join([words])}: exit code {code}")
                return 1
    OUT.write_text(drawn(terminal.frames), encoding="utf-8")
    print(f"{OUT.relative_to(ROOT)}: {len(terminal.frames)} frames, {OUT.stat().st_size >> 10} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
