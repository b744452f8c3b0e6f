from sweeps.hooks.owed import Owed


def test_what_is_owed_is_seen_by_all_until_the_note_is_gone(tmp_path):
    owed, other = Owed(tmp_path / "owed"), Owed(tmp_path / "owed")
    assert owed.keys() == set()
    owed.drop("a")
    for key in ("a", "b", "a"):
        owed.owe(key)
    assert other.keys() == {"a", "b"}
    other.path("a").unlink()
    other.drop("b")
    assert owed.keys() == set()
