import math

import pytest
import torch

from cvae.errors import ShapeError
from cvae.evaluate import (
    FOREGROUND_THRESHOLD,
    Reference,
    Score,
    copy_first_baseline,
    foreground_mask,
    foreground_psnr,
    psnr_per_frame,
    rollout,
)
from cvae.model import VideoCVAE


def moving_square(num_frames=9, size=12):
    """A 3 x 3 white square that crosses a grey stage, one pixel a frame."""
    frames = torch.full((num_frames, 3, size, size), 0.5)
    for t in range(num_frames):
        frames[t, :, 4:7, t : t + 3] = 1.0
    return frames


def score(generated, truth):
    return Score.of(generated, Reference.of(truth, torch.zeros_like(truth)))


def small_model():
    torch.manual_seed(0)
    return VideoCVAE(8, 4, 4, 8)


def test_a_perfect_rollout_scores_the_cap_and_stays_finite():
    truth = moving_square()
    result = score(truth.clone(), truth)
    assert result.psnr_db.tolist() == [100.0] * 8
    assert (result.psnr, result.psnr_foreground) == (100.0, 100.0)


def test_a_copied_first_frame_scores_the_baseline():
    truth = moving_square()
    result = score(truth[:1].expand_as(truth), truth)
    assert torch.equal(result.psnr_db, result.copy_first_db)
    assert result.psnr == result.psnr_copy_first
    # One column of 3 pixels left and one entered at t=1, half a unit each: 6 of 144 pixels.
    assert result.psnr_db[0].item() == pytest.approx(-10 * math.log10(0.25 * 6 / 144), abs=1e-4)
    # From t=3 on the squares do not overlap: 18 of 144.
    assert result.psnr_db[2:].tolist() == pytest.approx([-10 * math.log10(0.25 * 18 / 144)] * 6, abs=1e-4)


def test_a_video_shifted_by_one_frame_is_compared_with_the_truth_not_with_itself():
    truth = moving_square()
    shifted = torch.cat([truth[:1], truth[:-1]])
    assert score(shifted, truth).psnr_db.tolist() == pytest.approx(
        [-10 * math.log10(0.25 * 6 / 144)] * 8, abs=1e-4
    )


@pytest.mark.parametrize(("offset", "db"), [(0.1, 20.0), (-0.01, 40.0), (1.0, 0.0), (10.0, -20.0)])
def test_a_constant_offset_has_its_known_psnr_everywhere(offset, db):
    truth = moving_square()
    result = score(truth + offset, truth)
    assert result.psnr_db.tolist() == pytest.approx([db] * 8, abs=1e-3)
    assert result.psnr_foreground == pytest.approx(db, abs=1e-3)
    assert result.mse == pytest.approx(offset**2, rel=1e-4)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e30])
def test_a_frame_that_overflowed_counts_as_the_floor(value):
    truth = moving_square()
    generated = truth.clone()
    generated[2, 0, 0, 0] = value
    generated[2, 0, 4, 2] = value
    result = score(generated, truth)
    assert result.psnr_db[1] == -100
    assert all(math.isfinite(number) for number in (result.mse, result.psnr, result.psnr_foreground))


def test_psnr_takes_any_leading_dimensions():
    generated, truth = torch.zeros(2, 5, 3, 4, 4), torch.full((2, 5, 3, 4, 4), 0.1)
    assert psnr_per_frame(generated, truth).shape == (2, 5)
    assert copy_first_baseline(moving_square()).shape == (8,)


def test_the_foreground_is_where_a_frame_differs_from_the_clips_median():
    truth = moving_square()
    mask = foreground_mask(truth)
    # Three frames of nine have the square on any one pixel of its path: the median is the stage.
    assert torch.equal(mask, (truth[:, 0] == 1.0))


def test_a_change_of_the_threshold_is_not_foreground_and_one_colour_suffices():
    clip = torch.zeros(5, 3, 2, 2)
    clip[1, 2, 0, 0] = FOREGROUND_THRESHOLD + 0.01
    clip[2, 0, 1, 1] = FOREGROUND_THRESHOLD - 0.01
    mask = foreground_mask(clip)
    assert mask.sum() == 1
    assert mask[1, 0, 0]


def test_errors_outside_the_foreground_do_not_count_in_it():
    truth = moving_square()
    generated = truth + 0.1 * (truth == 0.5)
    assert score(generated, truth).psnr_foreground == 100.0
    assert score(generated, truth).psnr < 21


def test_frames_without_foreground_are_left_out_of_the_mean():
    truth = torch.zeros(4, 3, 2, 2)
    mask = torch.zeros(4, 2, 2, dtype=torch.bool)
    mask[1, 0, 0] = mask[3, 0, :] = True
    generated = torch.zeros_like(truth)
    generated[1, :, 0, 0], generated[3, :, 0, 0] = 0.1, 0.1  # 20 dB; 0.01 on one of two pixels: 23.01 dB
    assert foreground_psnr(generated, truth, mask) == pytest.approx(
        (20 + 20 + 10 * math.log10(2)) / 2, abs=1e-4
    )


def test_a_still_clip_is_scored_on_all_its_pixels():
    still = torch.full((4, 3, 2, 2), 0.5)
    result = score(still + 0.1, still)
    assert result.psnr_foreground == pytest.approx(20.0, abs=1e-3)
    assert result.psnr_copy_first == 100.0


def test_a_rollout_feeds_each_predicted_frame_back():
    model = small_model()
    draws = torch.Generator().manual_seed(1)
    first, labels = torch.rand(2, 3, 6, 7, generator=draws), torch.rand(2, 70, 3, 6, 7, generator=draws)
    noise = torch.randn(2, 69, 4, 6, 7, generator=draws)
    frames = rollout(model, first, labels, noise_BTNHW=noise)
    assert frames.shape == (2, 70, 3, 6, 7)
    assert not frames.requires_grad
    assert torch.equal(frames[:, 0], first)
    with torch.no_grad():
        for t in (1, 2, 69):
            expected = torch.cat(
                [
                    model.generate(
                        model.encode_frame(frames[b, t - 1][None]),
                        model.encode_label(labels[b, t][None]),
                        noise[b, t - 1][None],
                    )
                    for b in range(2)
                ]
            )
            torch.testing.assert_close(frames[:, t], expected, rtol=1e-4, atol=1e-5)


def test_a_rollout_does_not_look_at_the_first_label_and_draws_noise_from_its_generator():
    model = small_model()
    first, labels = torch.rand(1, 3, 6, 7), torch.rand(1, 4, 3, 6, 7)
    other = labels.clone()
    other[:, 0] = 0
    one, two = (rollout(model, first, x, generator=torch.Generator().manual_seed(3)) for x in (labels, other))
    three = rollout(model, first, labels, generator=torch.Generator().manual_seed(4))
    assert torch.equal(one, two)
    assert not torch.equal(one, three)


def test_a_rollout_in_evaluation_mode_is_the_same():
    model = small_model()
    first, labels, noise = torch.rand(1, 3, 6, 7), torch.rand(1, 4, 3, 6, 7), torch.randn(1, 3, 4, 6, 7)
    training = rollout(model.train(), first, labels, noise_BTNHW=noise)
    assert torch.equal(training, rollout(model.eval(), first, labels, noise_BTNHW=noise))


@pytest.mark.parametrize("noise_shape", [(1, 4, 4, 6, 7), (1, 3, 5, 6, 7)])
def test_a_rollout_refuses_noise_that_does_not_fit(noise_shape):
    with pytest.raises(ShapeError, match="do not fit"):
        rollout(
            small_model(),
            torch.rand(1, 3, 6, 7),
            torch.rand(1, 4, 3, 6, 7),
            noise_BTNHW=torch.zeros(noise_shape),
        )
