"""Draws the image files of any figure; of many figures in several processes at once, as drawing takes most of a report's time."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import tempfile
import threading
import warnings
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from analysis.figures.figure_data import FigureData
from analysis.figures.frames.frames_data import FramesFigure
from analysis.figures.heatmaps.heatmap_data import HeatmapFigure
from analysis.figures.points.point_data import PointFigure
from analysis.figures.rates.rate_data import RateFigure
from analysis.figures.responses.response_data import ResponseFigure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.results.document import Figure

Images = tuple[bytes, ...]
"""The bytes of a figure's files: PNG, SVG, and its film where it has one."""

MOST_PROCESSES, LEAST_FIGURES = 4, 2
"""How many processes draw at once at most, and how many figures each is worth starting for."""


@dataclass(frozen=True)
class DrawnFigure:
    """A figure with the hash of its data and the bytes of its two image files, and of its film where it has one."""

    figure: Figure
    data_sha256: str
    png: bytes
    svg: bytes
    film: bytes = b""

    @property
    def files(self) -> dict[str, bytes]:
        """The bytes by path, relative to the report."""
        contents = (self.png, self.svg, self.film)
        return dict(zip(paths(self.figure), contents, strict=False))


def paths(figure: Figure) -> tuple[str, ...]:
    """Return where the files of a figure lie; a film comes last."""
    return (figure.path, figure.svg_path, *((figure.film_path,) if figure.film_path else ()))


def spare_processes() -> int:
    """Return how many processes may draw at once: a core each; where this one has threads or cannot be forked safely, one."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return min(MOST_PROCESSES, len(os.sched_getaffinity(0)))


def images(figures: Sequence[Figure], processes: int = 1) -> list[Images]:
    """Return the files of each figure, drawn anew; they are the same bytes by however many processes."""
    used = max(1, min(processes, len(figures) // LEAST_FIGURES))
    own, *others = (figures[place::used] for place in range(used))
    if others:
        import analysis.figures.mpl  # noqa: F401 - once, and not in each process
    helpers = [_Helper.drawing(share) for share in others]
    try:
        drawn = [_all(own), *(helper.images() for helper in helpers)]
    finally:
        for helper in helpers:
            helper.end()
    return [drawn[place % used][place // used] for place in range(len(figures))]


@dataclass
class _Helper:
    """A copy of this process that draws some figures, writes them down and ends.

    It never waits for anyone: should this process be killed, it ends by itself. `status` is how it ended, None until then.
    """

    pid: int
    figures: Sequence[Figure]
    written: IO[bytes]
    status: int | None = None

    @classmethod
    def drawing(cls, figures: Sequence[Figure]) -> _Helper:
        written = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        try:
            with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
                pid = os.fork()  # later Pythons warn of any thread, and numpy's survive this
        except OSError:  # too little memory, or too many processes
            return cls(0, figures, written, status=1)
        if not pid:
            code = 1
            try:
                pickle.dump(_all(figures), written)
                written.flush()
                code = 0
            finally:
                os._exit(code)  # nothing of the parent's is closed or said twice
        return cls(pid, figures, written)

    def images(self) -> list[Images]:
        """Wait for what it drew; where it could not, draw that here, which raises what it met."""
        if self.status is None:
            _, self.status = os.waitpid(self.pid, 0)
        if self.status:
            return _all(self.figures)
        self.written.seek(0)
        drawn: list[Images] = pickle.load(self.written)  # noqa: S301 - our own process wrote it
        return drawn

    def end(self) -> None:
        """End it where it still draws, which nobody waits for any more."""
        self.written.close()
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


def _all(figures: Sequence[Figure]) -> list[Images]:
    return [_images(figure) for figure in figures]


def _images(figure: Figure) -> Images:
    # matplotlib takes a second to import, and Optuna one more.
    if isinstance(figure, FigureData):
        from analysis.figures.mpl import png_and_svg

        return png_and_svg(figure)
    if isinstance(figure, PointFigure):
        from analysis.figures.points.point_mpl import point_png_and_svg

        return point_png_and_svg(figure)
    if isinstance(figure, HeatmapFigure):
        from analysis.figures.heatmaps.heatmap_mpl import heatmap_png_and_svg

        return heatmap_png_and_svg(figure)
    if isinstance(figure, RateFigure):
        from analysis.figures.rates.rate_mpl import rate_png_and_svg

        return rate_png_and_svg(figure)
    if isinstance(figure, ResponseFigure):
        from analysis.figures.responses.response_mpl import response_png_and_svg

        return response_png_and_svg(figure)
    if isinstance(figure, FramesFigure):
        from analysis.figures.frames.film import film_bytes
        from analysis.figures.frames.frames_mpl import frames_png_and_svg

        films = (film_bytes(figure.films),) if figure.films else ()
        return (*frames_png_and_svg(figure), *films)
    from analysis.figures.searches.search_figures import SearchFigure
    from analysis.figures.searches.search_mpl import search_png_and_svg

    assert isinstance(figure, SearchFigure)  # noqa: S101 - there is no other class
    return search_png_and_svg(figure)
