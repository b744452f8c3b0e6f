import io
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from analysis.results.expected import ExpectedSweep
from analysis.results.pictures.clips import FILM, IMAGES, MOST_PICTURED, pictured, read_clips
from tests.analysis.pictured import record_of
from tests.analysis.recorded import FAILED, FRAMES, results_of, seed_sweep, strategy_sweep, trial

pytest.importorskip("torch", reason="`make versions` installs no torch")

import torch

from cvae.output.artifacts import write_comparison_gif, write_picture

SWEEP = strategy_sweep()
FOUND = results_of(SWEEP)
RUN = FOUND.results[0].run.run_id
STEM = "generated+step+{}+timestamp+{}+0f-1"


def image_name(step, time=7):
    return f"{STEM.format(step, time)}.png"


def video(shade):
    """T frames, each a little brighter than the one before."""
    return torch.full((FRAMES, 3, 4, 8), shade) + torch.arange(FRAMES)[:, None, None, None] / 100


@pytest.fixture
def run_folder(tmp_path):
    """What the trainer hands over: pictures of two epochs, one of them twice, and the film."""
    (tmp_path / IMAGES).mkdir()
    reference = SimpleNamespace(frames_TCHW=video(0.5), labels_TCHW=video(0.0))
    for name, shade in ((image_name(9), 0.3), (image_name(19), 0.6), (image_name(19, time=12), 0.7)):
        write_picture(tmp_path / IMAGES / name, video(shade), reference)
    (tmp_path / IMAGES / f"{STEM.format(20, 8)}+compressed.webp").write_bytes(b"")
    write_comparison_gif(tmp_path / FILM, video(0.7), reference)
    return tmp_path


def of_two_sizes():
    """A file of two images that do not go together."""
    content = io.BytesIO()
    Image.new("RGB", (24, 4)).save(content, "TIFF", save_all=True, append_images=[Image.new("RGB", (48, 8))])
    return content.getvalue()


def read(folder):
    return read_clips(record_of(**{RUN: folder}), [FOUND])


def test_the_last_picture_and_the_film_of_the_trainer_are_read_as_it_wrote_them(run_folder):
    clip = read(run_folder)[RUN]
    assert clip.frames == (1, 3, 5, 7, 9, 11, 13, 15)
    for pixels, shade in ((clip.truth_KHWC, 0.5), (clip.predicted_KHWC, 0.7)):
        wanted = [round(255 * (shade + frame / 100)) for frame in clip.frames]
        assert pixels.shape == (8, 4, 8, 3)
        assert np.abs(pixels.astype(int) - np.array(wanted)[:, None, None, None]).max() <= 1
    assert clip.film_truth_THWC.shape == clip.film_predicted_THWC.shape == (FRAMES - 1, 4, 8, 3)
    assert abs(int(clip.film_predicted_THWC[-1, 0, 0, 0]) - 255 * (0.7 + 0.15)) < 3


def test_an_older_record_without_pictures_has_no_clip(tmp_path):
    assert read(tmp_path) == {}


def test_a_film_that_is_missing_or_of_another_form_is_left_out(run_folder):
    for content in (b"", b"GIF89a", of_two_sizes(), (run_folder / IMAGES / image_name(9)).read_bytes()):
        (run_folder / FILM).write_bytes(content)
        clip = read(run_folder)[RUN]
        assert len(clip.film_truth_THWC) == len(clip.film_predicted_THWC) == 0
        assert len(clip.truth_KHWC) == 8


@pytest.mark.parametrize("size", [(7, 5), (64, 11), (1, 1)])
def test_a_picture_of_another_form_is_no_clip(run_folder, size):
    Image.new("RGB", size).save(run_folder / IMAGES / image_name(99))
    assert read(run_folder) == {}


def test_of_repeats_the_seed_that_most_settings_have_is_shown():
    shown = pictured(results_of(seed_sweep(), {"None-seed1": FAILED, "None-seed2": FAILED}))
    assert [result.trial.name for result in shown.values()] == [
        "None-seed3",
        "Cyclical-seed3",
        "Monotonic-seed3",
    ]


def test_of_many_settings_the_best_and_the_worst_are_shown():
    trials = tuple(trial(f"t{n}", {"lr": n}, kl_anneal_type="None") for n in range(MOST_PICTURED + 2))
    found = results_of(ExpectedSweep("many", ("lr",), trials))
    ranked = sorted(found.results, key=lambda result: result.last("val/psnr"))
    half = MOST_PICTURED // 2
    assert {one.trial.name for one in pictured(found).values()} == {
        one.trial.name for one in (*ranked[:half], *ranked[-half:])
    }


def test_what_has_not_finished_is_not_pictured():
    assert pictured(results_of(SWEEP, {one.name: FAILED for one in SWEEP.trials})) == {}
    assert pictured(replace(FOUND, results=())) == {}
