from sweeps.executors.base import FORKSERVER_GONE, LOSSES, STOPS, Exit, Stop


def test_stops_go_from_asking_to_killing():
    assert STOPS == (Stop.ASK, Stop.TERMINATE, Stop.KILL)


def test_an_end_is_lost_where_neither_code_nor_signal_is_known():
    assert Exit("r", None, None).is_lost
    assert Exit("r", None, None).lost == FORKSERVER_GONE
    assert not Exit("r", 0, None).is_lost
    assert not Exit("r", None, 9).is_lost
    assert FORKSERVER_GONE in LOSSES
