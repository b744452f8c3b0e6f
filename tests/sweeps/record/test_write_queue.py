"""The recorder's order: what a free slot waits for comes first, everything else as it was asked for."""

import shutil
import threading

from sweeps.record.ledger import Ledger
from sweeps.record.write_queue import Recorder

DEADLINE_S = 30


def test_what_slots_wait_for_overtakes_the_rest_and_keeps_its_own_order(tmp_path, empty_database):
    shutil.copy(empty_database, tmp_path / "mlflow.db")
    recorder = Recorder(Ledger(f"sqlite:///{tmp_path / 'mlflow.db'}", "toy"))
    may_go_on, begun, done = threading.Event(), threading.Event(), []

    def hold():
        begun.set()
        assert may_go_on.wait(DEADLINE_S)

    recorder.do(hold)
    assert begun.wait(DEADLINE_S)
    recorder.do(lambda: done.append("end of a trial"))
    for name in ("first run", "second run"):
        recorder.ask(name, lambda name=name: done.append(name), first=True)
    may_go_on.set()
    assert recorder.wait(DEADLINE_S)
    assert done == ["first run", "second run", "end of a trial"]
    assert [asker for asker, _ in recorder.answers(0)] == ["first run", "second run"]
    recorder.close()
