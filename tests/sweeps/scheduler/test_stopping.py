"""What stops a `sweep run`, why, and how hard."""

import gc
import os
import pty
import signal
import subprocess
import sys

import pytest

from sweeps.errors import SpecError
from sweeps.executors.base import Stop
from sweeps.scheduler.stopping import STOP_SIGNALS, Stopping, StopReason, interruptible, nth_stop

WRONG = SpecError([])


@pytest.fixture(autouse=True)
def _signals_as_in_a_terminal():
    """Whoever runs the tests may ignore signals, as a script does for its background jobs."""
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@pytest.fixture
def stopping():
    found = Stopping(outlives_supervisor=False)
    with found.listening():
        yield found


def test_nothing_stops_what_nobody_asks_to_stop(stopping):
    assert (stopping.reason, list(stopping.due()), stopping.signals) == (None, [], 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_stops_harder_and_is_passed_on_once(stopping, number):
    heard = []
    for _ in range(4):
        os.kill(os.getpid(), number)
        heard.append(list(stopping.due()))
    assert heard == [[Stop.ASK], [Stop.TERMINATE], [Stop.KILL], []]
    assert (stopping.reason, stopping.signals) == (StopReason.USER, 4)


def test_signals_that_come_together_are_passed_on_softest_first(stopping):
    for _ in range(2):
        os.kill(os.getpid(), signal.SIGINT)
    assert list(stopping.due()) == [Stop.ASK, Stop.TERMINATE]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_before_anything_listens_a_signal_interrupts(number):
    with pytest.raises(KeyboardInterrupt), interruptible():
        os.kill(os.getpid(), number)
    stopping = Stopping(outlives_supervisor=False)
    with stopping.listening():
        assert stopping.signals == 0  # it was heard, and is over


def test_an_interruption_that_a_callback_swallowed_stops_what_begins_to_listen(monkeypatch):
    def once(*_):
        gc.callbacks.remove(once)
        os.kill(os.getpid(), signal.SIGINT)

    swallowed = []
    monkeypatch.setattr(sys, "unraisablehook", lambda found: swallowed.append(found.exc_type))
    stopping = Stopping(outlives_supervisor=False)
    with interruptible():
        gc.callbacks.append(once)
        gc.collect()
        assert swallowed == [KeyboardInterrupt]
        with stopping.listening():
            assert list(stopping.due()) == [Stop.ASK]


def test_what_the_program_before_ignores_is_ignored():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interruptible():
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_hangup_leaves_attempts_that_outlive_their_supervisor():
    stopping = Stopping(outlives_supervisor=True)
    with stopping.listening():
        os.kill(os.getpid(), signal.SIGHUP)
    assert (stopping.reason, stopping.is_leaving) == (StopReason.HANGUP, True)
    assert list(stopping.due()) == []


def find_wrong(stopping, error):
    with stopping.where_wrong():
        raise error


def test_a_wrong_file_stops_softly_and_is_no_request_of_the_user(stopping):
    find_wrong(stopping, WRONG)
    find_wrong(stopping, SpecError([]))
    assert (stopping.reason, stopping.signals, stopping.is_leaving) == (StopReason.WRONG_FILE, 0, False)
    assert stopping.error is WRONG
    assert list(stopping.due()) == [Stop.ASK]


def test_a_signal_after_a_wrong_file_terminates(stopping):
    find_wrong(stopping, WRONG)
    list(stopping.due())
    os.kill(os.getpid(), signal.SIGINT)
    assert list(stopping.due()) == [Stop.TERMINATE]
    assert stopping.reason is StopReason.WRONG_FILE


def test_a_wrong_file_after_a_signal_stops_no_harder(stopping):
    os.kill(os.getpid(), signal.SIGINT)
    list(stopping.due())
    find_wrong(stopping, WRONG)
    assert list(stopping.due()) == []


def test_the_handlers_from_before_come_back():
    before = signal.getsignal(signal.SIGINT)
    with Stopping(outlives_supervisor=False).listening():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_was_ignored_at_the_start_stays_ignored(number):
    signal.signal(number, signal.SIG_IGN)
    stopping = Stopping(outlives_supervisor=False)
    with stopping.listening():
        os.kill(os.getpid(), number)
        assert (stopping.signals, list(stopping.due())) == (0, [])
        os.kill(os.getpid(), signal.SIGINT)
        assert list(stopping.due()) == [Stop.ASK], "the others still stop it"
    assert signal.getsignal(number) is signal.SIG_IGN


SENT = """
import os, signal, sys, threading, time
from sweeps.scheduler.stopping import Stopping
signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a script has it of its background jobs
if sys.argv[1] == "another":
    threading.Thread(target=threading.Event().wait, daemon=True).start()
stopping = Stopping(outlives_supervisor=False)
heard = []
with stopping.listening():
    for count, number in enumerate((signal.SIGINT, signal.SIGTERM, signal.SIGINT), start=1):
        os.kill(os.getpid(), number)
        while stopping.signals < count:  # another thread may be the one that hears it
            time.sleep(0.001)
        heard.append([stop.value for stop in stopping.due()])
print(heard, signal.getsignal(signal.SIGINT) is signal.SIG_IGN)
"""


@pytest.mark.parametrize("threads", ["alone", "another"])
def test_an_interrupt_that_somebody_sends_is_heard_where_those_of_a_terminal_are_ignored(threads):
    command = [sys.executable, "-c", SENT, threads]
    done = subprocess.run(command, check=True, capture_output=True, text=True, start_new_session=True)
    assert done.stdout.strip() == f"{[['ask'], ['terminate'], ['kill']]} True"


CTRL_C = """
import os, signal, sys
from sweeps.scheduler.stopping import Stopping
if sys.argv[1] == "ignored":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
stopping = Stopping(outlives_supervisor=False)
with stopping.listening():
    print("ready", flush=True)
    sys.stdin.readline()
    print(f"heard {stopping.signals}.", flush=True)
"""


@pytest.mark.parametrize(("disposition", "heard"), [("ignored", 0), ("default", 1)])
def test_a_ctrl_c_in_the_terminal_is_heard_unless_interrupts_were_ignored(disposition, heard):
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", CTRL_C, disposition])  # noqa: S606 - no shell
    said = b""
    try:
        while b"ready" not in said:
            said += os.read(terminal, 1000)
        os.write(terminal, b"\x03\n")
        while b"." not in said.partition(b"heard")[2]:
            said += os.read(terminal, 1000)
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    assert f"heard {heard}.".encode() in said


def test_a_trial_is_stopped_harder_each_time_and_never_harder_than_killed():
    assert [nth_stop(times) for times in (1, 2, 3, 4)] == [Stop.ASK, Stop.TERMINATE, Stop.KILL, Stop.KILL]
