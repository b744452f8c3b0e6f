"""`compile: true`: the same losses and weights as without it, on the compiler of the CPU."""

import shutil

import pytest
import torch

from cvae.model import VideoCVAE
from cvae.step import train_step

needs_compiler = pytest.mark.skipif(
    not any(shutil.which(name) for name in ("g++", "clang++", "c++")),
    reason="torch.compile needs a C++ compiler on a CPU, and there is none on the path",
)


@needs_compiler
@pytest.mark.extra
def test_a_compiled_network_takes_the_same_step():
    draws = torch.Generator().manual_seed(0)
    frames, labels = (torch.rand(1, 3, 3, 6, 8, generator=draws) for _ in range(2))
    noise = torch.randn(1, 2, 4, 6, 8, generator=draws)
    found = []
    for compiled in (False, True):
        torch.manual_seed(0)
        model = VideoCVAE(8, 4, 4, 8)
        names = list(model.state_dict())
        if compiled:
            model.compile_parts()
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)
        losses = train_step(
            model,
            optimizer,
            frames,
            labels,
            teacher_forcing=True,
            beta=0.3,
            kl_divisor=1,
            noise_BTNHW=noise,
        )
        assert list(model.state_dict()) == names
        found.append((losses, model.state_dict()))
    (plain, plain_state), (compiled, compiled_state) = found
    assert compiled.loss == pytest.approx(plain.loss, rel=1e-5)
    for name, value in plain_state.items():
        torch.testing.assert_close(compiled_state[name], value, rtol=1e-4, atol=1e-5, msg=name)
