import json

from analysis.read.store import RunRecord
from sweeps.planning.provenance_diff import differences


def run(name, **tags):
    of = {"sweeps.trial": name} | {f"sweeps.{key}": value for key, value in tags.items()}
    return RunRecord(name, name, None, "trial", "FINISHED", 0, 1, of)


def code(digest):
    return json.dumps({"commit": "c", "dirty": False, "digest": digest})


def test_runs_alike_differ_in_nothing():
    runs = [run("a", code=code("x"), data="d"), run("b", code=code("x"), data="d")]
    assert differences(runs, {"sweeps.code": code("x")}) == []


def test_each_kind_that_differs_is_told_with_the_runs():
    runs = [
        run("a", code=code("x"), data="d"),
        run("b", code=code("y"), data="e"),
        run("c", code=code("y"), data="e"),
    ]
    assert differences(runs, {"sweeps.code": code("y")}) == [
        "code differs: digest x (a); digest y (b, c)",
        "data differs: d (a); e (b, c)",
    ]


def test_what_would_run_now_is_compared_too():
    runs = [run("a", env=json.dumps({"python": "3.11"}))]
    assert differences(runs, {"sweeps.env": json.dumps({"python": "3.12"})}) == [
        "environment differs: python 3.11 (a); python 3.12 (now)"
    ]


def test_hosts_are_no_difference_where_their_environments_are_alike():
    on = [
        json.dumps({"python": "3.11", "driver": driver, "host": host})
        for driver, host in (("1", "a"), ("1", "b"), ("2", "c"))
    ]
    assert differences([run("a", env=on[0]), run("b", env=on[1])], {}) == []
    assert differences([run("a", env=on[0]), run("c", env=on[2])], {}) == [
        "environment differs: python 3.11, driver 1 (a); python 3.11, driver 2 (c)"
    ]
