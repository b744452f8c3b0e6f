import pickle

from sweeps.runner.attempt_spec import signal_name
from tests.sweeps.runner.attempts import spec


def test_a_spec_travels_to_another_process(tmp_path):
    sent = spec(tmp_path)
    received = pickle.loads(pickle.dumps(sent))  # noqa: S301 - our own
    assert received == sent
    assert received.paths.root == tmp_path


def test_a_signal_has_its_name_or_its_number():
    assert [signal_name(number) for number in (9, 11, 999)] == ["SIGKILL", "SIGSEGV", "999"]
