from sweeps.commands.running.settling import SETTLED_S, Settling


def test_a_file_is_taken_once_it_holds_the_same_for_a_while_and_only_once():
    settling = Settling("old")
    assert not settling.take("old", 0.0)
    assert settling.is_settled("old")
    seen = [("", 1.0), ("ha", 1.1), ("half", 1.4), ("half", 1.4 + SETTLED_S), ("half", 9.0)]
    assert [settling.take(*look) for look in seen] == [False, False, False, True, False]
    assert settling.is_settled("half")


def test_what_is_written_and_undone_at_once_was_never_there():
    settling = Settling("old")
    assert [settling.take(*look) for look in [("", 0.0), ("old", 0.1), ("old", 9.0)]] == [False] * 3


def test_what_was_read_for_another_reason_is_not_taken_again():
    settling = Settling("old")
    settling.taken("new")
    assert settling.is_settled("new")
    assert not settling.take("new", 9.0)
