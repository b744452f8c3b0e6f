import pytest

from sweeps.spec.fields import FieldReader
from sweeps.spec.resources import (
    Keep,
    Limits,
    Resources,
    read_keep,
    read_limits,
    read_resources,
    size_text,
)
from sweeps.spec.yaml_reader import parse


def read(read_part, text):
    """What is read of `{part: {...}}`, and the problems."""
    reader = FieldReader()
    (node,) = parse(text, "e.yaml").mapping.values()
    return read_part(node, reader), [str(problem) for problem in reader.problems]


def test_limits_are_a_time_and_a_count():
    assert read(read_limits, "limits: {timeout: 2h, attempts: 3}") == (Limits(7200, 3), [])
    assert read(read_limits, "limits: {timeout: soon, attempts: 0}") == (
        Limits(),
        [
            "e.yaml:1:19: limits.timeout: must be a time such as 90s, 30m, 2h or 1d, not 'soon'",
            "e.yaml:1:35: limits.attempts: must be a whole number, 1 or more, not 0",
        ],
    )


@pytest.mark.parametrize(("text", "gpu"), [("0", 0), ("0.25", 0.25), ("1", 1), ("2.0", 2)])
def test_gpus_are_whole_or_a_share_of_one(text, gpu):
    assert read(read_resources, f"resources: {{gpu: {text}, cpu: 4}}") == (Resources(gpu, 4), [])


@pytest.mark.parametrize("text", ["1.5", "-1", "-0.5", "true", "'1'", "null", ".inf", ".nan", "9" * 400])
def test_other_numbers_of_gpus_are_a_problem(text):
    resources, problems = read(read_resources, f"resources: {{gpu: {text}}}")
    assert resources == Resources()
    assert len(problems) == 1
    wanted = "resources.gpu: must be a whole number or a fraction below 1, not "
    assert problems[0].startswith(f"e.yaml:1:18: {wanted}")


def test_nothing_written_is_one_core_and_one_attempt():
    reader = FieldReader()
    assert read_resources(None, reader) == Resources(gpu=None, cpu=1)
    assert read_limits(None, reader) == Limits(timeout_s=None, attempts=1)
    assert reader.problems == []


def test_options_of_sbatch_are_read_as_text_and_times_as_minutes():
    options = "{partition: long, time: 90s, gres: 'gpu:a100:1', mem: 16G, exclusive: true, nodes: 2}"
    resources, problems = read(read_resources, f"resources: {{gpu: 1, slurm: {options}}}")
    assert problems == []
    assert dict(resources.slurm) == {
        "partition": "long",
        "time": "2",
        "gres": "gpu:a100:1",
        "mem": "16G",
        "exclusive": "",
        "nodes": "2",
    }


def test_lines_of_a_jobs_script_stand_alone():
    resources, problems = read(
        read_resources, "resources: {slurm: {setup: [module load cuda, export A=1], exclusive: false}}"
    )
    assert problems == []
    assert (resources.slurm, resources.setup) == ((), ("module load cuda", "export A=1"))


def test_wrong_options_of_sbatch_are_problems_with_their_places():
    text = "resources: {slurm: {partition: [a], time: soon, notes: 2, gres: gpu, exclusive: 1, setup: x}}"
    _, problems = read(read_resources, text)
    assert sorted(problems) == [
        "e.yaml:1:32: resources.slurm.partition: must be a word, not a list",
        "e.yaml:1:43: resources.slurm.time: must be a time such as 90s, 30m, 2h or 1d, not 'soon'",
        "e.yaml:1:49: resources.slurm: unknown key 'notes'; did you mean 'nodes'?",
        "e.yaml:1:59: resources.slurm.gres: also say how many GPUs that is, such as `gpu: 1` beside `slurm`",
        "e.yaml:1:81: resources.slurm.exclusive: must be true or false, not 1",
        "e.yaml:1:91: resources.slurm.setup: must be a list, not 'x'; start each entry with -",
    ]


@pytest.mark.parametrize("keep", Keep)
def test_what_is_kept_is_one_of_four_words(keep):
    assert read(read_keep, f"keep: {keep.value}") == (keep, [])


@pytest.mark.parametrize(
    ("text", "told"),
    [("bset", "'bset'; did you mean 'best'?"), ("3", "3"), ("[best]", "a list"), ("null", "null")],
)
def test_anything_else_is_a_problem_and_keeps_all(text, told):
    assert read(read_keep, f"keep: {text}") == (
        Keep.ALL,
        [f"e.yaml:1:7: keep: must be one of all, best, last, none, not {told}"],
    )
    assert read_keep(None, FieldReader()) is Keep.ALL


@pytest.mark.parametrize(
    ("text", "size"), [("8G", 8 << 30), ("1.5G", 3 << 29), ("500 MiB", 500 << 20), ("1t", 1 << 40)]
)
def test_a_gpus_memory_is_a_size(text, size):
    assert read(read_resources, f"resources: {{gpu_mem: {text}}}") == (Resources(gpu_mem=size), [])
    assert read_resources(parse(f"{{gpu_mem: {size_text(size)}}}", "e.yaml"), FieldReader()).gpu_mem == size


@pytest.mark.parametrize("text", ["8", "8.5", "-1G", "0G", "much", "[8G]", "8K", "9999999G"])
def test_another_size_is_a_problem(text):
    resources, (problem,) = read(read_resources, f"resources: {{gpu_mem: {text}}}")
    assert resources == Resources()
    assert problem.startswith("e.yaml:1:22: resources.gpu_mem: must be a size such as 8G or 500M, not ")


def test_a_part_by_memory_goes_without_a_number_of_gpus():
    _, problems = read(read_resources, "resources: {gpu: 0.5, gpu_mem: 8G}")
    assert problems == [
        "e.yaml:1:32: resources.gpu_mem: a part of one GPU, by memory, goes without `gpu`; leave out one of them"
    ]


@pytest.mark.parametrize(("text", "share"), [("0.125", 0.125), ("1", 1)])
def test_a_share_of_a_gpu_is_for_where_there_is_one(text, share):
    assert read(read_resources, f"resources: {{gpu_share: {text}}}") == (Resources(gpu_share=share), [])


@pytest.mark.parametrize("text", ["0", "1.5", "-0.5", "true", "'1'", "null", ".nan"])
def test_what_is_no_part_of_a_gpu_is_a_problem(text):
    _, (problem,) = read(read_resources, f"resources: {{gpu_share: {text}}}")
    assert "resources.gpu_share: must be a part of a GPU, above 0 and up to 1, not " in problem


@pytest.mark.parametrize("other", ["gpu: 1", "gpu_mem: 8G"])
def test_a_share_goes_without_a_number_of_gpus(other):
    _, (problem,) = read(read_resources, f"resources: {{gpu_share: 0.5, {other}}}")
    assert "goes without `gpu` and `gpu_mem`" in problem
