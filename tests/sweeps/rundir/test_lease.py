import json
import time
from dataclasses import replace

import pytest

from analysis.read.store import RunRecord
from analysis.read.tags import LEASE
from sweeps.rundir.lease import LEASE_S, is_at_work, lease_until, liveness
from sweeps.rundir.process_identity import ProcessIdentity, booted_s, this_process

ELSEWHERE = ProcessIdentity("another-host", "boot", 77, 1.0)
OTHER = ProcessIdentity("another-host", "boot", 78, 1.0)


def run(run_id, kind, owner, *, parent=None, lease_s=None):
    tags = {"sweeps.owner": json.dumps(owner.to_json())} if owner else {}
    if lease_s is not None:
        tags[LEASE] = lease_until(lease_s)
    return RunRecord(run_id, run_id, parent, kind, "RUNNING", 0, None, tags)


def test_an_owner_here_is_looked_up_among_the_processes():
    me = this_process()
    gone = ProcessIdentity(me.host, me.boot, me.pid, me.start_s - 100)  # as earlier versions wrote it
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


@pytest.mark.parametrize("other", [{"boot": "another"}, {"space": "pid:[1]"}])
def test_an_owner_of_a_machine_or_container_of_the_same_name_is_alive_while_its_lease_lasts(other):
    owner = replace(this_process(), **other)
    parent = run("p", "sweep", owner, lease_s=time.time())
    child = run("c", "trial", owner, parent="p")
    assert liveness([parent, child])(child)
    assert not liveness([parent, child], now_s=time.time() + LEASE_S + 1)(child)


def test_an_owner_that_renewed_its_lease_last_before_this_machine_started_was_of_this_machine():
    owner = replace(this_process(), boot="an earlier one")
    assert not is_at_work(owner, int((booted_s() + LEASE_S - 1) * 1000), booted_s())
    assert is_at_work(owner, int((booted_s() + LEASE_S + 1) * 1000), booted_s())


def test_a_lease_of_somebody_else_keeps_nobody_alive():
    parent = run("p", "sweep", OTHER, lease_s=1000.0)
    assert not liveness([parent], now_s=1000.0)(run("c", "trial", ELSEWHERE, parent="p"))
