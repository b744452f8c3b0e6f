from sweeps.scheduler.wishes.wish import NO_WISHES, Wish
from tests.sweeps.scheduler.jobs import job


def test_jobs_start_in_the_order_of_the_file_and_one_that_was_done_elsewhere_comes_first():
    x, y, z = (job(name) for name in "xyz")
    wish = Wish(frozenset("xyz"), {"y": job("y"), "x": job("x")}, ())
    assert wish.in_order([x, y, z]) == [z, y, x]


def test_nothing_is_wished_where_nothing_is_watched():
    assert (NO_WISHES.is_settled, list(NO_WISHES.due())) == (True, [])
