"""An executor without processes, and a supervisor on a store of its own, for the scheduler's tests."""

import shutil
from types import SimpleNamespace

from mlflow.tracking import MlflowClient

from sweeps.errors import LaunchError
from sweeps.executors.base import Exit
from sweeps.executors.slots import Machine
from sweeps.record.ledger import Ledger
from sweeps.record.refusals import Refusals
from sweeps.rundir.journal import JournalWriter
from sweeps.rundir.paths import StateDir
from sweeps.scheduler.run_recorder import RunRecorder
from sweeps.scheduler.supervisor import Supervisor
from sweeps.scheduler.write_queue import WriteQueue
from sweeps.spec.trainer.surroundings import Surroundings

TRAINER = SimpleNamespace(
    spec=SimpleNamespace(run="toy:train", command=None, surroundings=Surroundings()), config_file=None
)
REFUSED = "refused"


class InProcess:
    """Runs each attempt within `submit`: `train(attempt, journal)` gives its exit code, or `REFUSED`."""

    outlives_supervisor = False

    def __init__(self, train):
        self.slots = Machine(1, [])
        self.train = train
        self.attempts, self.stops, self.is_closed = [], [], False
        self._exits = []

    def submit(self, attempt):
        self.attempts.append(attempt)
        attempt.paths.create()
        journal = JournalWriter(attempt.paths)
        code = self.train(attempt, journal)
        journal.close()
        if code == REFUSED:
            raise LaunchError("no process can be started")
        self._exits.append(Exit(attempt.run_id, code, None))

    def adopt(self, *_):
        return None

    def has_begun(self, _):
        return True

    def wait(self, _):
        exits, self._exits = self._exits, []
        return exits

    def stop(self, _, how):
        self.stops.append(how)

    def close(self):
        self.is_closed = True


class Shown:
    """Keeps the events that a display gets, by name."""

    def __init__(self):
        self.events = []

    def __getattr__(self, name):
        return lambda *_: name == "tick" or self.events.append(name)


class Store:
    """A store with the run of a sweep, and what writes it."""

    def __init__(self, folder, database):
        shutil.copy(database, folder / "mlflow.db")
        self.uri = f"sqlite:///{folder / 'mlflow.db'}"
        self.client = MlflowClient(self.uri)
        self.state = StateDir(folder / "state")
        self.ledger = Ledger.open(self.uri, "toy", refusals=Refusals(self.state))
        self.parent = self.ledger.sweep_run("a", None, {})
        self.queue = WriteQueue(self.ledger)
        self.shown = Shown()

    def run_recorder(self, *, params_first=False):
        return RunRecorder(self.queue, self.state, {}, self.shown.noticed, params_first=params_first)

    def supervisor(self, executor):
        return Supervisor(
            queue=self.queue,
            executor=executor,
            state=self.state,
            trainer=TRAINER,
            identity={"sweeps.profile": ""},
            listener=self.shown,
            search_path=[],
        )

    def run(self, run_id):
        return self.client.get_run(run_id)
