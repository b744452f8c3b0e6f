"""`compile: true`: the same losses and weights as without it, on the compiler of the CPU."""

import shutil

import pytest
import torch

from cvae.evaluate import rollout
from cvae.model import VideoCVAE
from cvae.step import train_step

needs_compiler = pytest.mark.skipif(
    not any(shutil.which(name) for name in ("g++", "clang++", "c++")),
    reason="torch.compile needs a C++ compiler on a CPU, and there is none on the path",
)


@needs_compiler
@pytest.mark.extra
@pytest.mark.parametrize("teacher_forcing", [True, False])
def test_a_compiled_network_takes_the_same_step_and_predicts_the_same_video(
    teacher_forcing, tmp_path, monkeypatch
):
    # The machine's cache may hold half a file, of a process that was killed while it compiled.
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
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
            teacher_forcing=teacher_forcing,
            beta=0.3,
            kl_divisor=1,
            noise_BTNHW=noise,
        )
        assert list(model.state_dict()) == names
        video = rollout(model, frames[:, 0], labels, noise_BTNHW=noise)
        found.append((losses, model.state_dict(), video))
    (plain, plain_state, plain_video), (compiled, compiled_state, compiled_video) = found
    assert compiled.loss == pytest.approx(plain.loss, rel=1e-5)
    for name, value in plain_state.items():
        torch.testing.assert_close(compiled_state[name], value, rtol=1e-4, atol=1e-5, msg=name)
    torch.testing.assert_close(compiled_video, plain_video, rtol=1e-4, atol=1e-5)
