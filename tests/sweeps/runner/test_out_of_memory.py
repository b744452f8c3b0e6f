import pytest

from sweeps.runner import out_of_memory
from sweeps.runner.trainer_call import call_trainer
from sweeps.spec.resources import Resources
from tests.sweeps.runner.attempts import spec

TORCH = "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 139.80 GiB of which 1.20 GiB is free."
LIMIT = {"CUDA_MPS_PINNED_DEVICE_MEM_LIMIT": "0=17408M"}


@pytest.mark.parametrize(
    ("text", "resources", "environment", "expected"),
    [
        (TORCH, Resources(gpu=1), {}, "oom"),
        (TORCH, Resources(gpu=0), {}, "oom"),
        (
            TORCH,
            Resources(gpu=0.125),
            LIMIT,
            "oom: wanted 2.00 GiB more, and had 0.125 of a GPU (at most 17G)",
        ),
        (
            TORCH,
            Resources(gpu=0.3, gpu_mem=5 << 30),
            {},
            "oom: wanted 2.00 GiB more, and had 0.3 of a GPU (at most 5G)",
        ),
        ("RESOURCE_EXHAUSTED: Out of memory", Resources(gpu=0.5), {}, "oom: had 0.5 of a GPU"),
    ],
)
def test_on_a_part_of_a_gpu_the_sizes_are_told(text, resources, environment, expected, tmp_path):
    attempt = spec(tmp_path, resources=resources, environment=environment)
    assert out_of_memory.reason(text, attempt) == expected


def test_what_the_trainer_needs_is_told_where_it_has_said_so(tmp_path):
    attempt = spec(tmp_path, resources=Resources(gpu=0.125), environment=LIMIT)
    attempt.paths.create()
    attempt.paths.provenance.write_text('{"gpu_mem": 19865272320}')
    assert out_of_memory.reason(TORCH, attempt) == (
        "oom: wanted 2.00 GiB more, and had 0.125 of a GPU (at most 17G); the trainer needs 18.5G"
    )


class OutOfMemoryError(RuntimeError):
    """As torch's."""


def train(config, run):
    raise {"torch": OutOfMemoryError(TORCH), "driver": RuntimeError("CUDA error: out of memory\n")}[
        config["by"]
    ]


@pytest.mark.parametrize(("by", "wanted"), [("torch", "wanted 2.00 GiB more, and had"), ("driver", "had")])
def test_what_a_trainer_raises_is_recorded_so(by, wanted, tmp_path):
    class Run:
        heard_stop = False

    given = {"function": f"{__name__}:train", "config": {"by": by}, "environment": LIMIT}
    attempt = spec(tmp_path, resources=Resources(gpu=0.125), **given)
    _, outcome, reason = call_trainer(attempt, Run(), None)
    assert (outcome, reason) == ("failed", f"oom: {wanted} 0.125 of a GPU (at most 17G)")
