import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from sweeps.rundir.process_identity import ProcessIdentity, boot_id, host_name, this_process


def test_an_identity_survives_being_written_and_read():
    me = this_process()
    assert ProcessIdentity.from_json(me.to_json()) == me
    with pytest.raises(KeyError):
        ProcessIdentity.from_json({"host": "h", "boot": "b", "pid": 1})


def test_a_process_is_alive_until_it_ends_and_its_pid_alone_is_not_enough():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        start_s = psutil.Process(process.pid).create_time()
        identity = ProcessIdentity(host_name(), boot_id(), process.pid, start_s)
        assert identity.is_alive()
        assert not ProcessIdentity(host_name(), boot_id(), process.pid, start_s - 60).is_alive()
        assert not ProcessIdentity("another-host", boot_id(), process.pid, start_s).is_alive()
        process.kill()
        process.wait()
        assert not identity.is_alive()


def test_a_clock_that_is_set_ends_no_process():
    me = this_process()
    assert replace(me, start_s=me.start_s - 3600).is_alive()
    assert replace(me, start_s=me.start_s - 3600).is_no_younger_than(psutil.Process())
    assert not replace(me, ticks=me.ticks - 1).is_alive()


def test_a_pid_of_another_container_is_none_of_this_one():
    other = replace(this_process(), space="pid:[1]")
    assert not other.is_here()
    assert not other.is_alive()


def test_a_reboot_ends_every_process(monkeypatch):
    me = this_process()
    monkeypatch.setenv("SWEEP_BOOT_ID", "a later boot")
    assert me.is_here()
    assert not me.is_alive()
