import math

import pytest
import torch

from cvae.losses import free_nats_loss, kl_loss, kl_per_channel, reconstruction_loss


def test_the_losses_have_the_reports_reductions():
    generated, truth = torch.zeros(4, 3, 2, 2), torch.full((4, 3, 2, 2), 0.5)
    assert reconstruction_loss(generated, truth) == 4 * 0.25
    mu, logvar = torch.ones(4, 5, 2, 2), torch.zeros(4, 5, 2, 2)
    assert kl_loss(mu, logvar, 2) == 0.5 * 4 * 5 * 2 * 2 / 2
    assert kl_loss(torch.zeros_like(mu), logvar, 2) == 0
    spread = torch.full_like(logvar, math.log(2))
    assert kl_loss(torch.zeros_like(mu), spread, 1).item() == pytest.approx(
        80 * 0.5 * (1 - math.log(2)), rel=1e-5
    )


def test_the_kl_divergence_is_that_of_torchs_distributions():
    draws = torch.Generator().manual_seed(0)
    mu, logvar = (torch.randn(3, 4, 2, 2, generator=draws) for _ in range(2))
    posterior = torch.distributions.Normal(mu, (0.5 * logvar).exp())
    expected = torch.distributions.kl_divergence(posterior, torch.distributions.Normal(0.0, 1.0)).sum() / 5
    torch.testing.assert_close(kl_loss(mu, logvar, 5), expected)


def test_the_divergence_of_channels_adds_up_to_the_whole():
    draws = torch.Generator().manual_seed(0)
    mu, logvar = (torch.randn(3, 4, 2, 2, generator=draws) for _ in range(2))
    assert kl_per_channel(mu, logvar).shape == (3, 4)
    torch.testing.assert_close(kl_per_channel(mu, logvar).sum() / 5, kl_loss(mu, logvar, 5))
    torch.testing.assert_close(free_nats_loss(mu, logvar, 5, 0.0), kl_loss(mu, logvar, 5))


def test_a_map_below_the_free_nats_counts_as_them_and_has_no_gradient():
    mu = torch.zeros(2, 3, 2, 2)
    mu[0, 0] = 1.0  # 2 nats; all other maps have none
    mu.requires_grad_()
    loss = free_nats_loss(mu, torch.zeros(2, 3, 2, 2), 2, 0.5)
    assert loss == (2 + 5 * 0.5) / 2
    loss.backward()
    assert mu.grad[0, 0].tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert mu.grad.count_nonzero() == 4


def test_the_squared_error_is_a_mean_over_pixels_and_a_sum_over_frames():
    one, other = torch.zeros(5, 3, 2, 2), torch.zeros(5, 3, 2, 2)
    other[3, 1, 0, 1] = 6.0
    assert reconstruction_loss(one, other) == 36 / 12
    assert reconstruction_loss(one[:2], other[:2]) == 0
