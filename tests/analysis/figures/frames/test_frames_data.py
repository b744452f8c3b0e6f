from dataclasses import replace

import numpy as np
import pytest

from analysis.figures.files.manifest import data_sha256
from analysis.figures.frames.frames_data import frames_figures, written_out
from tests.analysis.pictured import FRAMES, LENGTH, clip, clips_of
from tests.analysis.recorded import FAILED, results_of, seed_sweep, strategy_sweep

FOUND = results_of(strategy_sweep())
ERRORS = {"Monotonic": 10, "Cyclical": 51, "None": 30}


def figure_of(clips=None, sweep=FOUND):
    (figure,) = frames_figures(sweep, "a/frames.png", clips or clips_of(sweep, ERRORS))
    return figure


def test_each_setting_has_its_prediction_and_its_error_at_the_frames_of_the_truth():
    figure = figure_of()
    assert figure.truth.frames == FRAMES
    assert [row.label for row in figure.rows] == ["Monotonic", "Cyclical", "no annealing"]
    assert [float(row.error_KHW.max()) for row in figure.rows] == pytest.approx([10 / 255, 0.2, 30 / 255])
    assert all(row.score.endswith(" dB") for row in figure.rows)
    assert figure.darkest == 0.2
    assert [trial.name for trial in figure.trials] == ["Monotonic", "Cyclical", "None"]


def test_the_film_has_the_truth_and_every_prediction():
    figure = figure_of()
    assert [name.partition(":")[0] for name, _ in figure.films] == [
        "truth",
        "Monotonic",
        "Cyclical",
        "no annealing",
    ]
    assert {film.shape[0] for _, film in figure.films} == {LENGTH}
    assert figure.film_path == "a/frames.webp"


def test_without_a_film_of_every_run_there_is_the_picture_alone():
    clips = clips_of(FOUND, ERRORS)
    run_id = FOUND.results[1].run.run_id
    clips[run_id] = replace(clips[run_id], film_predicted_THWC=np.empty((0, 6, 8, 3), np.uint8))
    figure = figure_of(clips)
    assert (figure.films, figure.film_path, len(figure.rows)) == ((), "", 3)


def test_no_picture_of_any_run_no_figure():
    assert frames_figures(FOUND, "a.png", {}) == []


def test_a_run_that_predicts_another_video_is_named_and_not_shown():
    clips = clips_of(FOUND, ERRORS) | {FOUND.results[1].run.run_id: clip(shade=7)}
    figure = figure_of(clips)
    assert len(figure.rows) == 2
    assert "not shown, as they predict another video: Cyclical" in figure.notes


def test_settings_that_are_not_shown_are_counted_and_the_seed_is_named():
    sweep = results_of(seed_sweep(), {f"None-seed{seed}": FAILED for seed in (1, 2, 3)})
    figure = figure_of(clips_of(sweep, {"Cyclical-seed1": 9, "Monotonic-seed1": 9}), sweep)
    assert [row.label for row in figure.rows] == ["Cyclical", "Monotonic"]
    assert "shown of the repeats: seed 1" in figure.notes
    assert figure.notes[-1].startswith("not shown: 1 other setting,")


def test_equal_pixels_have_equal_hashes_and_a_changed_one_another():
    clips = clips_of(FOUND, ERRORS)
    assert data_sha256(figure_of(clips)) == data_sha256(figure_of(clips_of(FOUND, ERRORS)))
    assert data_sha256(figure_of(clips)) != data_sha256(figure_of(clips_of(FOUND, ERRORS | {"None": 31})))


def test_words_of_users_are_written_out():
    figure = figure_of()
    odd = replace(figure, rows=(replace(figure.rows[0], label="\x1b[1m"),))
    assert "\x1b" not in written_out(odd).rows[0].label
