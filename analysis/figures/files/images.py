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
    from collections.abc import Mapping, Sequence

    from analysis.results.document import Figure

Images = tuple[bytes, ...]
"""The bytes of a figure's files, in the order of their `paths`."""

MOST_PROCESSES, LEAST_FIGURES = 4, 2
"""How many processes draw at once at most, and how many figures each is worth starting for."""


@dataclass(frozen=True)
class DrawnFigure:
    """A figure with the hash of its data, and the bytes of its files by their paths, relative to the report."""

    figure: Figure
    data_sha256: str
    files: Mapping[str, bytes]

    @classmethod
    def of(cls, figure: Figure, data_sha256: str, contents: Images, *, pdf: bool = False) -> DrawnFigure:
        """Name the files of a figure that were drawn with or without a PDF."""
        return cls(figure, data_sha256, dict(zip(paths(figure, pdf=pdf), contents, strict=True)))

    @property
    def png(self) -> bytes:
        """The image as PNG."""
        return self.files[self.figure.path]

    @property
    def svg(self) -> bytes:
        """The image as SVG."""
        return self.files[self.figure.svg_path]

    @property
    def film(self) -> bytes:
        """Its film; empty where it has none."""
        return self.files.get(self.figure.film_path, b"")

    @property
    def has_pdf(self) -> bool:
        """Whether there is a PDF of it."""
        return self.figure.pdf_path in self.files


def paths(figure: Figure, *, pdf: bool = False) -> tuple[str, ...]:
    """Return where the files of a figure lie; a film comes last."""
    more = (figure.pdf_path if pdf else "", figure.film_path)
    return (figure.path, figure.svg_path, *filter(None, more))


def spare_processes() -> int:
    """Return how many processes may draw at once: a core each; where this one has threads or cannot be forked safely, one."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return min(MOST_PROCESSES, len(os.sched_getaffinity(0)))


def images(figures: Sequence[Figure], processes: int = 1, *, pdf: bool = False) -> list[Images]:
    """Return the files of each figure, drawn anew, with `pdf` as PDF, too; they are the same bytes by however many processes."""
    used = max(1, min(processes, len(figures) // LEAST_FIGURES))
    own, *others = (figures[place::used] for place in range(used))
    if others:
        import analysis.figures.mpl  # noqa: F401 - once, and not in each process
    helpers = [_Helper.drawing(share, pdf=pdf) for share in others]
    try:
        drawn = [_all(own, pdf=pdf), *(helper.images() for helper in helpers)]
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
    pdf: bool
    written: IO[bytes]
    status: int | None = None

    @classmethod
    def drawing(cls, figures: Sequence[Figure], *, pdf: bool) -> _Helper:
        written = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        try:
            with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
                pid = os.fork()  # later Pythons warn of any thread, and numpy's survive this
        except OSError:  # too little memory, or too many processes
            return cls(0, figures, pdf, written, status=1)
        if not pid:
            code = 1
            try:
                pickle.dump(_all(figures, pdf=pdf), written)
                written.flush()
                code = 0
            finally:
                os._exit(code)  # nothing of the parent's is closed or said twice
        return cls(pid, figures, pdf, written)

    def images(self) -> list[Images]:
        """Wait for what it drew; where it could not, draw that here, which raises what it met."""
        if self.status is None:
            _, self.status = os.waitpid(self.pid, 0)
        if self.status:
            return _all(self.figures, pdf=self.pdf)
        self.written.seek(0)
        drawn: list[Images] = pickle.load(self.written)  # noqa: S301 - our own process wrote it
        return drawn

    def end(self) -> None:
        """End it where it still draws, which nobody waits for any more."""
        self.written.close()
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


def _all(figures: Sequence[Figure], *, pdf: bool) -> list[Images]:
    return [_images(figure, pdf=pdf) for figure in figures]


def _images(figure: Figure, *, pdf: bool) -> Images:
    # matplotlib takes a second to import, and Optuna one more.
    if isinstance(figure, FigureData):
        from analysis.figures.mpl import curve_images

        return curve_images(figure, pdf=pdf)
    if isinstance(figure, PointFigure):
        from analysis.figures.points.point_mpl import point_images

        return point_images(figure, pdf=pdf)
    if isinstance(figure, HeatmapFigure):
        from analysis.figures.heatmaps.heatmap_mpl import heatmap_images

        return heatmap_images(figure, pdf=pdf)
    if isinstance(figure, RateFigure):
        from analysis.figures.rates.rate_mpl import rate_images

        return rate_images(figure, pdf=pdf)
    if isinstance(figure, ResponseFigure):
        from analysis.figures.responses.response_mpl import response_images

        return response_images(figure, pdf=pdf)
    if isinstance(figure, FramesFigure):
        from analysis.figures.frames.film import film_bytes
        from analysis.figures.frames.frames_mpl import frames_images

        films = (film_bytes(figure.films),) if figure.films else ()
        return (*frames_images(figure, pdf=pdf), *films)
    from analysis.figures.searches.search_figures import SearchFigure
    from analysis.figures.searches.search_mpl import search_images

    assert isinstance(figure, SearchFigure)  # noqa: S101 - there is no other class
    return search_images(figure, pdf=pdf)
