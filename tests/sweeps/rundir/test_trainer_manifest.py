import json

import pytest

from sweeps.rundir.paths import RunPaths
from sweeps.rundir.trainer_manifest import Data, Model, declared_data, declared_gpu_mem, declared_model


@pytest.mark.parametrize(
    ("content", "data", "model"),
    [
        ({"data": "d"}, Data("d", "data", ""), None),
        (
            {"data": "d", "dataset": {"name": "n", "source": "s"}, "model": {"file": "m.pt", "step": 4}},
            Data("d", "n", "s"),
            Model("m.pt", 4),
        ),
        ({"model": {"file": "m.pt"}}, None, Model("m.pt", None)),
        ({"model": {"file": "m.pt", "step": 2**63}}, None, Model("m.pt", None)),
        ({"data": "", "dataset": 3, "model": "m.pt"}, None, None),
        ({"model": {"step": 4}}, None, None),
        ({"model": {"file": 3, "step": 4}}, None, None),
        ([], None, None),
    ],
)
def test_a_trainer_declares_data_and_model_in_a_file(tmp_path, content, data, model):
    paths = RunPaths(tmp_path)
    paths.create()
    paths.provenance.write_text(json.dumps(content))
    assert (declared_data(paths), declared_model(paths)) == (data, model)


@pytest.mark.parametrize(
    ("said", "size"), [(5 << 30, 5 << 30), (0, None), (-1, None), (True, None), ("5G", None)]
)
def test_a_trainer_says_what_memory_of_a_gpu_it_needs(tmp_path, said, size):
    paths = RunPaths(tmp_path)
    paths.create()
    paths.provenance.write_text(json.dumps({"gpu_mem": said}))
    assert declared_gpu_mem(paths) == size


def test_no_file_and_half_a_file_declare_nothing(tmp_path):
    paths = RunPaths(tmp_path)
    paths.create()
    assert declared_data(paths) is None
    paths.provenance.write_text('{"data": "d"')
    assert (declared_data(paths), declared_model(paths)) == (None, None)
