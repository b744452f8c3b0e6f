import pytest

from analysis.figures.frames.frames_data import frames_figures
from analysis.figures.frames.frames_mpl import draw_frames, frames_images
from tests.analysis.figures.test_mpl import inside
from tests.analysis.pictured import FRAMES, HEIGHT, WIDTH, clips_of
from tests.analysis.recorded import ratio_sweep, results_of, strategy_sweep

SWEEPS = (results_of(strategy_sweep()), results_of(ratio_sweep()))


def figure_of(sweep, errors=(9, 20, 30) * 3):
    names = [result.trial.name for result in sweep.results]
    (figure,) = frames_figures(sweep, "a.png", clips_of(sweep, dict(zip(names, errors, strict=False))))
    return figure


def test_rows_are_truth_then_prediction_and_error_of_each_setting_and_columns_are_frames():
    ax, bar = draw_frames(figure_of(SWEEPS[0])).subfigs[0].axes
    names = [label.get_text().partition(",")[0] for label in ax.get_yticklabels()]
    assert names == ["truth", "Monotonic", "error", "Cyclical", "error", "no annealing", "error"]
    assert [label.get_text() for label in ax.get_xticklabels()] == [str(frame) for frame in FRAMES]
    assert bar.get_xlabel().startswith("error")


def test_pixels_are_drawn_as_they_are_and_a_larger_error_is_darker():
    image = draw_frames(figure_of(SWEEPS[0])).subfigs[0].axes[0].images[0].get_array()
    each = image.shape[0] // 7
    assert (each, image.shape[1]) == (HEIGHT + 1, len(FRAMES) * (WIDTH + 1))
    assert [int(image[row * each, 0, 0]) for row in (0, 1, 3, 5)] == [100, 109, 120, 130]
    errors = [int(image[row * each, 0].astype(int).sum()) for row in (2, 4, 6)]
    assert errors == sorted(errors, reverse=True)


def test_of_many_settings_errors_stand_beside_predictions_at_fewer_frames():
    ax, _ = draw_frames(figure_of(SWEEPS[1])).subfigs[0].axes
    assert [label.get_text().partition(",")[0] for label in ax.get_yticklabels()] == [
        "truth",
        *("no annealing",) * 3,
        *("Cyclical",) * 3,
        *("Monotonic",) * 3,
    ]
    assert [label.get_text() for label in ax.get_xticklabels()] == [str(frame) for frame in FRAMES] * 2
    assert ax.images[0].get_array().shape[1] == 2 * len(FRAMES) * (WIDTH + 1)


@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda sweep: sweep.expected.name)
def test_nothing_overlaps_and_nothing_is_cut(sweep):
    assert inside(draw_frames(figure_of(sweep)))


def test_the_same_figure_gives_the_same_bytes():
    assert frames_images(figure_of(SWEEPS[0])) == frames_images(figure_of(SWEEPS[0]))
