import json

from analysis.read.store import RunRecord
from analysis.read.tags import LEASE
from sweeps.rundir.lease import LEASE_S, lease_until, liveness
from sweeps.rundir.process_identity import ProcessIdentity, this_process

ELSEWHERE = ProcessIdentity("another-host", "boot", 77, 1.0)
OTHER = ProcessIdentity("another-host", "boot", 78, 1.0)


def run(run_id, kind, owner, *, parent=None, lease_s=None):
    tags = {"sweeps.owner": json.dumps(owner.to_json())} if owner else {}
    if lease_s is not None:
        tags[LEASE] = lease_until(lease_s)
    return RunRecord(run_id, run_id, parent, kind, "RUNNING", 0, None, tags)


def test_an_owner_here_is_looked_up_among_the_processes():
    me = this_process()
    gone = ProcessIdentity(me.host, me.boot, me.pid, me.start_s - 100)
    rebooted = ProcessIdentity(me.host, "an earlier boot", me.pid, me.start_s)
    is_alive = liveness([])
    assert is_alive(run("a", "trial", me))
    assert not is_alive(run("a", "trial", gone))
    assert not is_alive(run("a", "trial", rebooted))
    assert not is_alive(run("a", "trial", None))


def test_an_owner_elsewhere_is_alive_while_its_lease_lasts():
    parent = run("p", "sweep", ELSEWHERE, lease_s=1000.0)
    child = run("c", "trial", ELSEWHERE, parent="p")
    assert liveness([parent, child], now_s=1000.0 + LEASE_S - 1)(child)
    assert liveness([parent, child], now_s=1000.0 + LEASE_S - 1)(parent)
    assert not liveness([parent, child], now_s=1000.0 + LEASE_S + 1)(child)


def test_a_lease_of_somebody_else_keeps_nobody_alive():
    parent = run("p", "sweep", OTHER, lease_s=1000.0)
    assert not liveness([parent], now_s=1000.0)(run("c", "trial", ELSEWHERE, parent="p"))
