"""Who draws; what is drawn is what `test_mpl.py` and its siblings are about."""

import os
import threading

import pytest

from analysis.figures import mpl as figures
from analysis.figures.catalogue import lay_out
from analysis.figures.files.images import images, spare_processes
from tests.analysis.recorded import results_of, strategy_sweep

SWEEP = strategy_sweep()
LAID_OUT = [figure for figure in lay_out([results_of(SWEEP)])[SWEEP.name] if not figure.film_path][:5]


@pytest.fixture
def drawn_by(monkeypatch):
    """Have a figure's images say its path, and which process drew it."""

    def drawn(data, **_):
        return data.path.encode(), str(os.getpid()).encode()

    monkeypatch.setattr(figures, "curve_images", drawn)


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_every_figure_has_its_own_images_whoever_drew_them(drawn_by, processes):
    drawn = images(LAID_OUT, processes)
    assert [path.decode() for path, _ in drawn] == [figure.path for figure in LAID_OUT]
    assert len({process for _, process in drawn}) == min(processes, 2)  # each is worth two figures
    assert str(os.getpid()).encode() in {process for _, process in drawn}


@pytest.mark.parametrize("processes", [1, 2])
def test_a_pdf_comes_behind_the_svg_whoever_drew_it(processes):
    drawn = images(LAID_OUT[:4], processes, pdf=True)
    assert [tuple(content[:5] for content in one) for one in drawn] == [
        (b"\x89PNG\r", b"<?xml", b"%PDF-")
    ] * 4


def test_what_a_helper_could_not_draw_is_drawn_here(drawn_by, monkeypatch):
    here, whole = os.getpid(), figures.curve_images

    def fails_elsewhere(data, **how):
        assert os.getpid() == here
        return whole(data, **how)

    monkeypatch.setattr(figures, "curve_images", fails_elsewhere)
    drawn = images(LAID_OUT, 2)
    assert [path.decode() for path, _ in drawn] == [figure.path for figure in LAID_OUT]


def test_where_no_process_can_be_had_all_is_drawn_here(drawn_by, monkeypatch):
    def refused():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refused)
    drawn = images(LAID_OUT, 2)
    assert [path.decode() for path, _ in drawn] == [figure.path for figure in LAID_OUT]
    assert {process for _, process in drawn} == {str(os.getpid()).encode()}


def test_no_helper_is_left_where_drawing_fails(monkeypatch):
    started, fork = [], os.fork

    def forked():
        started.append(fork())
        return started[-1]

    def fails(data, **_):
        raise RuntimeError(data.path)

    monkeypatch.setattr(os, "fork", forked)
    monkeypatch.setattr(figures, "curve_images", fails)
    with pytest.raises(RuntimeError, match="diff_strategy"):
        images(LAID_OUT, 2)
    assert len(started) == 1
    with pytest.raises(ChildProcessError):
        os.waitpid(started[0], 0)


def test_a_process_with_threads_draws_alone():
    ends = threading.Event()
    thread = threading.Thread(target=ends.wait)
    thread.start()
    try:
        assert spare_processes() == 1
    finally:
        ends.set()
        thread.join()
