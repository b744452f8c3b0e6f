import pytest

from sweeps.spec.fields import Shape
from sweeps.spec.resources import Limits, Resources, read_limits, read_resources
from sweeps.spec.yaml_reader import parse


def limits(text):
    shape = Shape()
    found = read_limits(parse(text, "e.yaml"), "limits", shape)
    return found, [str(problem) for problem in shape.problems]


def resources(text):
    shape = Shape()
    found = read_resources(parse(text, "e.yaml"), "resources", shape)
    return found, [str(problem) for problem in shape.problems]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("1.5m", 90),
        ("2h", 7200),
        ("'2 h'", 7200),
        ("1d", 86400),
        (".5s", 0.5),
        ("45", 45),
        ("0.5", 0.5),
    ],
)
def test_a_timeout_is_seconds_or_a_number_with_its_unit(text, seconds):
    assert limits(f"timeout: {text}") == (Limits(timeout_s=seconds), [])


@pytest.mark.parametrize(
    "text", ["0", "0s", "-5", "1h30m", "2 weeks", "h", "true", "null", "[2h]", ".inf", ".nan", "9" * 400]
)
def test_what_is_no_time_is_told(text):
    found, told = limits(f"timeout: {text}")
    assert found == Limits()
    assert len(told) == 1
    assert told[0].startswith("e.yaml:1:10: limits.timeout: must be a time such as 90s, 30m, 2h or 1d, not ")


@pytest.mark.parametrize(("text", "gpu"), [("0", 0), ("0.25", 0.25), ("1", 1), ("2.0", 2)])
def test_gpus_are_whole_or_a_share_of_one(text, gpu):
    assert resources(f"{{gpu: {text}, cpu: 4}}") == (Resources(gpu, 4), [])


@pytest.mark.parametrize("text", ["1.5", "-1", "-0.5", "true", "'1'", "null", ".inf", ".nan", "9" * 400])
def test_what_is_no_share_of_a_machine_is_told(text):
    found, told = resources(f"gpu: {text}")
    assert found == Resources()
    assert len(told) == 1
    assert told[0].startswith("e.yaml:1:6: resources.gpu: must be a whole number or a share below 1, not ")


def test_nothing_written_is_one_core_and_one_attempt():
    shape = Shape()
    assert read_resources(None, "resources", shape) == Resources(gpu=None, cpu=1)
    assert read_limits(None, "limits", shape) == Limits(timeout_s=None, attempts=1)
    assert shape.problems == []


def test_options_of_sbatch_are_read_as_text_and_times_as_minutes():
    found, told = resources("{gpu: 1, slurm: {partition: long, time: 90s, gres: 'gpu:a100:1', mem: 16G}}")
    assert told == []
    assert dict(found.slurm) == {"partition": "long", "time": "2", "gres": "gpu:a100:1", "mem": "16G"}


def test_what_is_wrong_with_options_of_sbatch_is_told_with_its_place():
    _, told = resources("{slurm: {partition: [a], time: soon, nodes: 2, gres: gpu}}")
    known = "known are account, constraint, gres, mem, partition, qos, time"
    assert sorted(told) == [
        "e.yaml:1:21: resources.slurm.partition: must be a word, not a list",
        "e.yaml:1:32: resources.slurm.time: must be a time such as 30m, 2h or 1d, not 'soon'",
        f"e.yaml:1:38: resources.slurm: unknown key 'nodes'; {known}",
        "e.yaml:1:48: resources.slurm.gres: say how many GPUs that is, such as `gpu: 1` beside `slurm`",
    ]
