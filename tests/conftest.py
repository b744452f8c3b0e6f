import os
import signal
import subprocess
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from filelock import FileLock

from tests.forks import REWRITTEN

SLURM = Path(__file__).parent / "services" / "slurm"
pytest.register_assert_rewrite(*REWRITTEN)

# The workers of a test run share the cores: torch's threads in each would spend their time waiting for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# MLflow's telemetry sets variables in a thread of its own, while others read the environment.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
# In the background of a script, Ctrl-C is ignored from the start, and so it would be by all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

_temporary = None
if "PYTEST_XDIST_WORKER" not in os.environ:
    # Processes that are killed leave their temporary files behind: they go with the test run. Each test's own folder stays.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    _temporary = tempfile.TemporaryDirectory(prefix="sweep-tests-", ignore_cleanup_errors=True)
    Path(_temporary.name).chmod(0o711)  # PostgreSQL's server runs as another user, and has its folder inside
    os.environ["TMPDIR"] = tempfile.tempdir = _temporary.name

_numbers = Counter()
_mktemp = pytest.TempPathFactory.mktemp


def _numbered(factory, basename, *, numbered=True):
    """As pytest makes a folder, but without a link beside it: `sweep run` makes links to all that lies around its file."""
    while numbered:
        _numbers[basename] += 1
        with suppress(FileExistsError):  # "a" and 10, or "a1" and 0
            return _mktemp(factory, f"{basename}{_numbers[basename] - 1}", numbered=False)
    return _mktemp(factory, basename, numbered=False)


pytest.TempPathFactory.mktemp = _numbered


def pytest_unconfigure():
    if _temporary is not None:
        _temporary.cleanup()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory, worker_id):
    """MLflow's migrations take seconds: they run once, whatever the workers, and every test gets a copy of what they made."""
    from mlflow.tracking import MlflowClient

    folder = tmp_path_factory.getbasetemp()
    path = (folder if worker_id == "master" else folder.parent) / "empty.db"
    with FileLock(f"{path}.lock"):
        if not path.exists():
            half = tmp_path_factory.mktemp("store") / "half.db"
            MlflowClient(f"sqlite:///{half}").search_experiments()
            half.rename(path)
    return path


@pytest.fixture(scope="session")
def warm_sweep(request):
    """Starts `sweep` as a real process, without the seconds that its imports take."""
    from tests.warm import WarmSweep, warm_server

    address = getattr(request.config, "workerinput", {}).get("warm_sweep")
    server = None if address else warm_server()
    sweep = WarmSweep(address or server.address)
    yield sweep
    sweep.close()
    if server is not None:
        server.close()


@pytest.fixture
def project(tmp_path, empty_database, warm_sweep):
    from tests.project import Project

    project = Project(tmp_path, empty_database, warm_sweep)
    yield project
    project.close()


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    """A Slurm of two nodes: the environment in which Slurm's commands speak to it."""
    folder = tmp_path_factory.mktemp("slurm")
    folder.parent.chmod(0o711)
    started = subprocess.run(
        [SLURM, "start", folder], capture_output=True, text=True, timeout=120, check=False
    )
    if started.returncode != 0:
        pytest.skip(started.stderr.strip())
    yield {"SLURM_CONF": str(folder / "slurm.conf")}
    subprocess.run([SLURM, "stop", folder], timeout=120, check=True)
