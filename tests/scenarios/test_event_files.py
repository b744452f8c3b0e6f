"""A program with TensorBoard's writers in it, as in PyTorch's tutorials: what they log lands in the record."""

import pytest

from tests.programs import Program

pytest.importorskip("tensorboard", reason="the extra `tensorboard` is not installed")

SCRIPT = """
import sys
import numpy as np
from torch.utils.tensorboard import SummaryWriter

for run in ("runs/lr0.1_host", "runs/lr0.1_host_fold_1"):
    with SummaryWriter(f"{sys.argv[2]}/{run}") as writer:
        for step in range(4):
            writer.add_scalar("Loss/Train", 1 / 2 ** step, step)
            writer.add_scalars("psnr", {"model": step, "copy": 4 - step}, step)
        writer.add_image("frames", np.full((3, 4, 4), step, np.uint8), 3)
        writer.add_text("notes", "as it was", 0)
        writer.add_histogram("weights", np.arange(10), 0)
        writer.add_hparams({"lr": 0.1}, {"hparam/best": 4.0})
"""


def test_all_writers_of_a_program_are_read_each_under_a_name_of_its_own(project):
    program = Program(project)
    program.write(SCRIPT, "metrics: [{tensorboard: '{run_dir}/**'}]")
    program.ran()
    points = program.points("lr1")
    of_a_writer = {
        "Loss/Train": [(step, 1 / 2**step) for step in range(4)],
        "psnr_model/psnr": [(step, step) for step in range(4)],
        "psnr_copy/psnr": [(step, 4 - step) for step in range(4)],
        "hparam/best": [(0, 4.0)],
    }
    assert points == of_a_writer | {f"lr0.1_host_fold_1/{name}": of_a for name, of_a in of_a_writer.items()}
