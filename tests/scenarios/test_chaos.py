"""Any process of a sweep is struck by any signal at any moment: one more `sweep run` loses, doubles and leaves nothing.

`CHAOS_SEED` chooses other rounds, `CHAOS_ROUNDS` how many of each kind. A round draws the same again; when exactly the
blow falls is up to the machine.
"""

import os
import shutil
import time
import uuid
from contextlib import suppress

import psutil
import pytest

from tests.chaos import MARK, SPECS, Blow, Scene, faults, left
from tests.project import DEADLINE_S, HERE

pytestmark = pytest.mark.matrix

SEED = int(os.environ.get("CHAOS_SEED", "16"))
ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "60"))
MOST_MISSES = 1 / 6
"""The share of the rounds of a kind that may hit no running trial, as where all is over before the moment."""


@pytest.fixture
def arena(tmp_path, empty_database):
    """A directory with the trainers, an empty record, and a mark on all that runs there."""
    shutil.copy(empty_database, tmp_path / "mlflow.db")
    for name in ("chaos_trainer.py", "chaos_program.py"):
        shutil.copy(HERE / name, tmp_path)
    mark = uuid.uuid4().hex
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SWEEP_", "MLFLOW_", "CHAOS_"))}
    yield tmp_path, {**kept, MARK: mark}
    for process in left(mark):
        with suppress(psutil.NoSuchProcess):
            process.kill()


@pytest.fixture
def ledger_of_hits(tmp_path_factory):
    """A folder that all workers of a test run share: a file for each round says whether it hit a running trial."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "chaos-hits"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def note(request, ledger_of_hits, record_property):
    """Notes what a round hit; one that came to no hit notes that, too."""
    name = request.node.callspec.id

    def note(hit):
        record_property("chaos", f"{name}: {hit}")
        (ledger_of_hits / name).write_text(str(hit) if hit.running else "")

    yield note
    if not (ledger_of_hits / name).exists():
        (ledger_of_hits / name).touch()


@pytest.mark.parametrize("number", range(ROUNDS), ids=lambda number: f"{number:02}")
@pytest.mark.parametrize("kind", SPECS)
def test_one_more_run_mends_what_a_round_broke(kind, number, arena, warm_sweep, note):
    path, environment = arena
    (path / "e.yaml").write_text("experiment: chaos\n" + SPECS[kind])
    blow = Blow.drawn(kind, SEED, number)
    words = ("run", "e.yaml", "--jobs", "2", "--gpus", "")
    place = {"directory": path, "environment": environment}

    first = warm_sweep.start(*words, **place)
    hit = Scene(psutil.Process(first.pid), path).strike(blow)
    note(hit)
    told, _ = first.communicate(timeout=DEADLINE_S)
    second = warm_sweep.start(*words, **place)
    then, _ = second.communicate(timeout=DEADLINE_S)

    found = faults(path, kind)
    found += [] if second.returncode == 0 else [f"the second `sweep run` exits with {second.returncode}"]
    living = psutil.wait_procs(left(environment[MARK]), timeout=DEADLINE_S / 10)[1]
    found += [f"left running: {process}" for process in living]
    again = f"CHAOS_SEED={SEED} .venv/bin/python -m pytest {__file__} -k {kind}-{number:02}"
    assert found == [], (
        f"{hit}; the first run exits with {first.returncode}\n{told}\n--- the second\n{then}\nagain: {again}"
    )


@pytest.mark.parametrize("kind", SPECS)
def test_most_rounds_hit_a_running_trial(kind, request, ledger_of_hits):
    names = {
        item.callspec.id for item in request.session.items if "note" in getattr(item, "fixturenames", ())
    }
    rounds = sorted(name for name in names if name.startswith(kind))
    deadline_s = time.monotonic() + DEADLINE_S
    while missing := [name for name in rounds if not (ledger_of_hits / name).exists()]:
        assert time.monotonic() < deadline_s, f"rounds that another worker does not end: {missing}"
        time.sleep(0.1)
    missed = [name for name in rounds if not (ledger_of_hits / name).read_text()]
    assert len(missed) <= MOST_MISSES * len(rounds), f"hit no running trial: {missed}"
