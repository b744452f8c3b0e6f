import math
from functools import partial

import numpy as np
import pytest
import torch

from cvae.compute.graph import Recorded
from cvae.latent import ACTIVE_FROM, calls_of_one_shape, draw_spread, encode, posterior_of, summarize
from cvae.losses import kl_loss
from cvae.model import VideoCVAE
from tests.cvae.recorded_ops import Recorder

CHANNELS, HEIGHT, WIDTH = 4, 6, 7
SHAPE = (40, CHANNELS, HEIGHT, WIDTH)


def small_model():
    torch.manual_seed(0)
    return VideoCVAE(8, 4, CHANNELS, 8)


def chunked(mu, logvar=None):
    """Posteriors of some frames at a time."""
    logvar = torch.zeros_like(mu) if logvar is None else logvar
    return zip(torch.split(mu, 16), torch.split(logvar, 16), strict=True)


class Sees(torch.nn.Module):
    """Stands for a decoder: grey, and so much of z."""

    def __init__(self, share):
        super().__init__()
        self.share = share

    def forward(self, features):
        return 0.5 + self.share * features[:, -3:]


def seeing(share):
    model = small_model()
    model.Decoder_Fusion = Sees(share)
    model.Generator = torch.nn.Sequential(*[torch.nn.Identity() for _ in model.Generator])
    return model


def test_a_posterior_that_is_the_prior_has_no_active_unit_and_no_divergence():
    found = summarize(chunked(torch.zeros(SHAPE)), 2)
    assert (found.active_units, found.kl, found.kl_N.tolist()) == (0, 0, [0] * CHANNELS)


def test_one_channel_that_varies_over_the_frames_is_one_active_unit():
    mu = torch.zeros(SHAPE)
    mu[::2, 2] = 0.5
    found = summarize(chunked(mu), 2)
    assert found.active_units == 1
    assert found.variance_N.tolist() == pytest.approx([0, 0, 0.25**2, 0])
    nats = 0.5 * 0.5**2 * HEIGHT * WIDTH / 2  # of every second frame
    assert found.kl_N.tolist() == pytest.approx([0, 0, nats, 0])
    assert found.kl == pytest.approx(nats / 2)


def test_a_pattern_that_is_the_same_in_all_frames_is_not_active():
    found = summarize(chunked(torch.randn(SHAPE[1:]).expand(SHAPE) * 100), 2)
    assert found.active_units == 0
    assert min(found.kl_N) > 0


@pytest.mark.parametrize(("share", "active"), [(0.9, 0), (1.1, 1)])
def test_a_unit_is_active_above_burdas_threshold_in_the_mean_over_pixels(share, active):
    mu = torch.zeros(SHAPE)
    pixels = HEIGHT * WIDTH
    mu[::2, 1, 0, 0] = 2 * math.sqrt(share * ACTIVE_FROM * pixels)  # one pixel has the variance of all
    assert summarize(chunked(mu), 2).active_units == active


def test_the_divergence_of_a_posterior_without_means_is_that_of_its_spread():
    found = summarize(chunked(torch.zeros(SHAPE), torch.full(SHAPE, math.log(2))), 1)
    each = 0.5 * (1 - math.log(2)) * HEIGHT * WIDTH
    assert found.kl_N.tolist() == pytest.approx([each] * CHANNELS)
    assert found.active_units == 0


def test_the_kl_of_a_video_is_the_mean_over_its_predicted_frames():
    model = small_model()
    frames, labels = torch.rand(40, 3, 6, 7), torch.rand(40, 3, 6, 7)
    with torch.no_grad():
        each = [
            kl_loss(
                *model.posterior(
                    model.encode_frame(frames[t : t + 1]), model.encode_label(labels[t : t + 1])
                ),
                2,
            )
            for t in range(1, 40)
        ]
    assert posterior_of(model, frames, labels, divisor=2).kl == pytest.approx(np.mean(each), rel=1e-5)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("length", [70, 5])
def test_a_recorded_posterior_is_the_plain_one_bit_for_bit_and_follows_the_weights(precision, length):
    model, recorder = small_model(), Recorder()
    encode_frames = Recorded(partial(encode, model), recorder, "posteriors")
    frames, labels = torch.rand(length, 3, 6, 7), torch.rand(length, 3, 6, 7)
    found = []
    for _ in range(2):
        plain, again = (
            posterior_of(model, frames, labels, divisor=2, precision=precision, encode_frames=each)
            for each in (None, encode_frames)
        )
        assert again.kl == plain.kl
        assert torch.equal(again.kl_N, plain.kl_N)
        assert torch.equal(again.variance_N, plain.variance_N)
        found.append(plain.kl)
        with torch.no_grad():
            for weight in model.parameters():
                weight.mul_(1.1)
    assert found[0] != found[1]
    assert recorder.recordings == 1
    assert recorder.replays == 2 * calls_of_one_shape(length), (
        "the last, shorter part of a clip is no recording"
    )


@pytest.mark.parametrize(("share", "spread"), [(0.0, 0.0), (0.1, 0.1 * 2 / math.sqrt(math.pi)), (1e9, 0.5)])
def test_the_spread_is_what_z_changes_in_a_frame_within_the_range(share, spread):
    video = torch.rand(9, 3, 20, 20)
    found = draw_spread(seeing(share), video, video, generator=torch.Generator().manual_seed(1))
    assert found == pytest.approx(spread, rel=0.05)


@pytest.mark.parametrize("frames", [2, 3, 9])
def test_of_a_rollout_that_overflowed_the_spread_is_finite_and_no_other_draw_changes(frames):
    video, model = torch.full((frames, 3, 6, 7), math.inf), small_model()
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    assert draw_spread(model, video, video, generator=torch.Generator()) == 0
    assert torch.equal(torch.rand(3), expected)
