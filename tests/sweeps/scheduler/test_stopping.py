"""What stops a `sweep run`, why, and how hard."""

import os
import signal

import pytest

from sweeps.errors import SpecError
from sweeps.executors.base import Stop
from sweeps.scheduler.stopping import Stopping, StopReason, nth_stop

WRONG = SpecError([])


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


def test_a_hangup_leaves_attempts_that_outlive_their_supervisor():
    stopping = Stopping(outlives_supervisor=True)
    with stopping.listening():
        os.kill(os.getpid(), signal.SIGHUP)
    assert (stopping.reason, stopping.is_leaving) == (StopReason.HANGUP, True)
    assert list(stopping.due()) == []


def test_a_wrong_file_stops_softly_and_is_no_request_of_the_user(stopping):
    stopping.because_of(WRONG)
    stopping.because_of(SpecError([]))
    assert (stopping.reason, stopping.signals, stopping.is_leaving) == (StopReason.WRONG_FILE, 0, False)
    assert stopping.error is WRONG
    assert list(stopping.due()) == [Stop.ASK]


def test_a_signal_after_a_wrong_file_terminates(stopping):
    stopping.because_of(WRONG)
    list(stopping.due())
    os.kill(os.getpid(), signal.SIGINT)
    assert list(stopping.due()) == [Stop.TERMINATE]
    assert stopping.reason is StopReason.WRONG_FILE


def test_a_wrong_file_after_a_signal_stops_no_harder(stopping):
    os.kill(os.getpid(), signal.SIGINT)
    list(stopping.due())
    stopping.because_of(WRONG)
    assert list(stopping.due()) == []


def test_the_handlers_from_before_come_back():
    before = signal.getsignal(signal.SIGINT)
    with Stopping(outlives_supervisor=False).listening():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_trial_is_stopped_harder_each_time_and_never_harder_than_killed():
    assert [nth_stop(times) for times in (1, 2, 3, 4)] == [Stop.ASK, Stop.TERMINATE, Stop.KILL, Stop.KILL]
