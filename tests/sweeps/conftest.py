import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def no_gpus_of_this_machine():
    """What a test of sweeps leases is what it declares, whatever GPUs this machine has."""
    # A context of its own: a test's `monkeypatch` is undone before its folder and its project are left.
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CUDA_VISIBLE_DEVICES", "")
        patched.setenv("SWEEP_MPS", "off")
        yield


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working directory with the real experiments.yaml, and no record."""
    shutil.copy(ROOT / "experiments.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("SWEEP_HOME", raising=False)
    return tmp_path


@pytest.fixture
def recorded(tmp_path, empty_database, monkeypatch):
    """Makes a file and a store beside it; what is recorded there, the test says."""
    from tests.sweeps.recorded import RecordedFile

    monkeypatch.chdir(tmp_path)
    return lambda text: RecordedFile(tmp_path, empty_database, text)
