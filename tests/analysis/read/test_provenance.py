import json

import pytest

from analysis.read.provenance import Difference, Part, are_alike, claims, differences, identity
from analysis.read.store import RunRecord


def run(name, *, outcome="finished", **parts):
    tags = {f"sweeps.{key}": value for key, value in parts.items()}
    if outcome:
        tags["sweeps.outcome"] = outcome
    return name, RunRecord(name, name, None, "trial", "FINISHED" if outcome else "RUNNING", 0, 1, tags)


def code(digest=None, commit="c", *, dirty=False, **more):
    return json.dumps({"commit": commit, "dirty": dirty, "digest": digest, "snapshot": "s", **more})


def env(**parts):
    return json.dumps(parts)


def sentences(runs, now=None):
    return [str(difference) for difference in differences(runs, now)]


def test_runs_that_share_all_differ_in_nothing():
    runs = [run("a", code=code("x"), data="d"), run("b", code=code("x"), data="d")]
    assert differences(runs, {"sweeps.code": code("x")}) == ()


def test_each_part_that_differs_is_reported_with_its_runs():
    runs = [
        run("a", code=code("x"), data="d"),
        run("b", code=code("y"), data="e"),
        run("c", code=code("y"), data="e"),
    ]
    assert differences(runs) == (
        Difference(Part.CODE, (("digest x", ("a",)), ("digest y", ("b", "c")))),
        Difference(Part.DATA, (("d", ("a",)), ("e", ("b", "c")))),
    )
    assert sentences(runs) == [
        "runs differ in code: digest x (a); digest y (b, c)",
        "runs differ in data: d (a); e (b, c)",
    ]


def test_a_sentence_names_three_runs_and_counts_the_others():
    runs = [run("a", data="d"), *(run(f"b{number}", data="e") for number in range(5))]
    assert sentences(runs) == ["runs differ in data: d (a); e (b0, b1, b2 and 2 more)"]


def test_a_commit_that_leaves_the_digest_makes_no_difference():
    runs = [run("a", code=code("x", commit="one")), run("b", code=code("x", commit="two", dirty=True))]
    assert differences(runs) == ()


def test_without_a_digest_the_commit_and_uncommitted_changes_are_compared():
    runs = [
        run("a", code=code(commit="one")),
        run("b", code=code(commit="two")),
        run("c", code=code(commit="two", dirty=True)),
    ]
    assert sentences(runs) == [
        "runs differ in code: commit one, dirty false (a); commit two, dirty false (b); commit two, dirty true (c)"
    ]


def test_what_the_sources_import_and_the_config_file_are_compared():
    runs = [
        run("a", code=code("x", imports="")),
        run("b", code=code("x", imports="i")),
        run("c", code=code("x", imports="j")),
    ]
    assert sentences(runs) == ["runs differ in code: no imports (a); imports i (b); imports j (c)"]
    configs = [
        run("a", code=code("x", imports="", config="k")),
        run("b", code=code("x", imports="", config="l")),
    ]
    assert sentences(configs) == ["runs differ in code: config k (a); config l (b)"]


def test_a_run_of_an_earlier_version_is_like_one_of_the_same_sources_whatever_they_import():
    old, new, other = (
        run("a", code=code("x")),
        run("b", code=code("x", imports="i")),
        code("x", imports="j"),
    )
    assert differences([old, new]) == ()
    assert differences([old], {"sweeps.code": other}) == ()
    assert sentences([old, new], {"sweeps.code": other}) == [
        "runs differ in code: imports i (a, b); imports j (now)"
    ]
    assert sentences([run("a", code=code("z")), new]) == [
        "runs differ in code: digest z (a); digest x, imports i (b)"
    ]


def test_a_run_of_an_earlier_version_is_like_one_of_the_same_sources_whatever_its_configs():
    oldest = run("a", code=code("x"))
    older = run("b", code=code("x", imports="i"))
    new = run("c", code=code("x", imports="i", config="k"))
    for runs in ([older, new], [new, oldest, older], [oldest, older, new]):
        assert differences(runs) == ()
    now = {"sweeps.code": code("x", imports="i", config="")}
    assert differences([oldest, older], now) == ()
    assert sentences([new, older], now) == ["runs differ in code: config k (c, b); no config (now)"]


def test_versions_of_imported_packages_are_compared_but_for_runs_of_earlier_versions():
    packages = {"python": "3", "packages": {"scikit-learn": "1.4", "pandas": "2"}}
    older, new = run("a", env=env(python="3")), run("b", env=env(**packages))
    assert differences([older, new]) == differences([new, older]) == ()
    other = run("c", env=env(python="3", packages={"scikit-learn": "1.5", "pandas": "2"}))
    assert sentences([new, other]) == [
        "runs differ in environment: scikit-learn 1.4 (b); scikit-learn 1.5 (c)"
    ]
    less = run("d", env=env(python="3", packages={"pandas": "2"}))
    assert sentences([new, less]) == ["runs differ in environment: scikit-learn 1.4 (b); no scikit-learn (d)"]
    now = {"sweeps.env": env(python="4", packages={})}
    assert sentences([older], now) == ["runs differ in environment: python 3 (a); python 4 (now)"]


def test_of_configs_those_of_all_trials_are_compared_and_with_earlier_versions_every_one():
    def with_configs(name, every, **more):
        return run(name, code=code("x", imports="", config=every, **more))

    one, other = (with_configs(name, name, config_of_all="k", trainer={}) for name in "ab")
    assert differences([one, other]) == ()
    assert are_alike(*(identity(each[1], Part.CODE) for each in (one, other)))
    third = with_configs("c", "a", config_of_all="l", trainer={})
    assert sentences([one, third, other]) == ["runs differ in code: config k (a, b); config l (c)"]
    older, oldest = with_configs("d", "a"), run("e", code=code("x"))
    assert differences([older, one, other, oldest]) == ()
    assert sentences([with_configs("d", "z"), one]) == ["runs differ in code: config z (d); config a (a)"]


def test_where_no_sources_are_known_configs_are_compared_too():
    one, other = (run(name, code=code(commit=None, dirty=None, config=name)) for name in "ab")
    old = run("c", code=code(commit=None, dirty=None))
    assert sentences([one, other]) == ["runs differ in code: config a (a); config b (b)"]
    assert differences([one, old]) == differences([old, one]) == ()


def test_a_command_whose_sources_an_earlier_version_did_not_know_is_like_one_with_them():
    old = run("a", code=code(commit=None, dirty=None, trainer={}))
    new, newer = (run(name, code=code(name, commit=None, dirty=None, trainer={})) for name in "bc")
    assert differences([old, new]) == differences([new, old]) == ()
    assert sentences([new, newer]) == ["runs differ in code: digest b (b); digest c (c)"]
    in_git = run("d", code=code(commit="c", trainer={}))
    assert len(differences([in_git, new])) == 1
    data = [
        run("a", data=json.dumps({"trainer": 1, "commit": 2})),
        run("b", data=json.dumps({"trainer": 1, "commit": 2, "digest": 3})),
    ]
    assert len(differences(data)) == 1


def test_what_the_file_says_around_a_command_is_compared_key_by_key():
    said = [code("x", imports="", config="", trainer=keys) for keys in ({}, {"cwd": "w"}, {"cwd": "v"})]
    runs = [run(name, code=text) for name, text in zip("abc", said, strict=True)]
    assert sentences(runs) == [
        "runs differ in code: no trainer.cwd (a); trainer.cwd w (b); trainer.cwd v (c)"
    ]
    older = run("d", code=code("x", imports="", config=""))
    assert differences([runs[1], older]) == differences([older, runs[1]]) == ()
    many = run("e", code=code("x", imports="", config="", trainer={"": "ab"}))
    assert sentences([runs[1], many]) == ["runs differ in code: trainer.cwd w (b); trainer ab (e)"]


def test_what_would_run_now_is_compared_too():
    assert sentences([run("a", env=env(python="3.11"))], {"sweeps.env": env(python="3.12")}) == [
        "runs differ in environment: python 3.11 (a); python 3.12 (now)"
    ]


def test_with_no_run_to_compare_with_now_there_is_no_difference():
    assert differences([], {"sweeps.env": env(python="3.12")}) == ()


def test_the_host_makes_no_difference():
    one, other = env(python="3.11", driver="1", host="a"), env(python="3.11", driver="1", host="b")
    assert differences([run("a", env=one), run("b", env=other)]) == ()


def test_of_an_environment_only_what_differs_is_named():
    first, second = env(python="3.11", driver="1", host="a"), env(python="3.11", driver="2", host="c")
    assert sentences([run("a", env=first), run("c", env=second)]) == [
        "runs differ in environment: driver 1 (a); driver 2 (c)"
    ]


def test_an_environment_that_lacks_a_package_says_so():
    assert sentences([run("a", env=env(python="3.11")), run("b", env=env(python="3.11", optuna="4"))]) == [
        "runs differ in environment: no optuna (a); optuna 4 (b)"
    ]


@pytest.mark.parametrize("outcome", ["finished", "pruned"])
def test_a_part_that_a_run_with_a_result_lacks_is_a_difference(outcome):
    assert sentences([run("a", data="d"), run("b", outcome=outcome)]) == [
        "runs differ in data: d (a); not recorded (b)"
    ]


@pytest.mark.parametrize("outcome", ["", "failed", "interrupted", "orphaned"])
def test_a_part_that_a_run_has_not_come_to_is_not_compared(outcome):
    unfinished = run("b", outcome=outcome)
    assert differences([run("a", data="d"), unfinished]) == ()
    assert identity(unfinished[1], Part.DATA) is None


def test_runs_of_two_trainers_differ_and_one_that_names_none_is_like_both():
    runs = [run("a", trainer="m:f"), run("b", trainer='["json"]'), run("c")]
    assert sentences(runs) == ['runs differ in trainer: m:f (a); ["json"] (b)']
    assert sentences([runs[0], runs[2]], {"sweeps.trainer": "m:f"}) == []
    assert identity(runs[2][1], Part.TRAINER) is None


def test_of_an_adopted_run_nothing_is_said_to_be_alike_or_to_differ():
    adopted, known = run("a", adopted="folder /x"), run("b", code=code("x"))
    now = {"sweeps.code": code("x")}
    assert sentences([adopted, known]) == ["runs may differ in code: adopted, not known (a); known (b)"]
    assert sentences([adopted], now) == ["runs may differ in code: adopted, not known (a); known (now)"]
    assert sentences([adopted]) == []
    assert identity(adopted[1], Part.CODE) != identity(known[1], Part.CODE)


def test_runs_that_are_known_to_differ_do_so_beside_adopted_ones():
    runs = [run("a", adopted="folder /x"), run("b", code=code("x")), run("c", code=code("y"))]
    assert sentences(runs) == ["runs differ in code: adopted, not known (a); digest x (b); digest y (c)"]


def test_what_is_recorded_of_an_adopted_run_is_compared_like_that_of_any_other():
    runs = [run("a", adopted="run 1", code=code("x")), run("b", code=code("x"))]
    assert differences(runs) == ()


def test_several_differences_make_one_claim():
    found = [
        Difference(Part.CODE, ()),
        Difference(Part.DATA, (), is_certain=False),
        Difference(Part.ENVIRONMENT, ()),
    ]
    assert claims(found) == "differ in code and environment, may differ in data"
    assert claims(found[:1]) == "differ in code"
    assert claims([]) == ""


def named(name, outcome="finished", **files):
    return run(name, outcome=outcome, files=json.dumps({f"{key}.csv": value for key, value in files.items()}))


def test_files_are_compared_path_by_path_between_the_runs_that_name_both():
    assert differences([named("a", x="1"), named("b", y="2"), named("c", x="1", y="2"), run("d")]) == ()
    runs = [named("a", x="1"), named("b", x="2", z="9"), named("c", y="2"), run("d")]
    assert sentences(runs) == ["runs differ in files: x.csv 1 (a); x.csv 2 (b)"]
    assert identity(runs[3][1], Part.FILES) is None


def test_runs_that_share_no_file_that_differs_are_one_group():
    runs = [named("a", x="1"), named("b", y="1"), named("c", x="2", y="2", z="3")]
    assert sentences(runs) == ["runs differ in files: x.csv 1, y.csv 1 (a, b); x.csv 2, y.csv 2 (c)"]
    now = {"sweeps.files": json.dumps({"x.csv": "1", "y.csv": "3"})}
    assert sentences(runs[:2], now) == ["runs differ in files: y.csv 1 (b); y.csv 3 (now)"]


def test_of_many_files_that_differ_three_are_named():
    runs = [named(name, **dict.fromkeys("vwxyz", name)) for name in "ab"]
    shown = [f"v.csv {name}, w.csv {name}, x.csv {name} and 2 more ({name})" for name in "ab"]
    assert sentences(runs) == [f"runs differ in files: {'; '.join(shown)}"]


def test_a_run_that_has_not_ended_has_its_files_compared():
    assert len(differences([named("a", x="1"), named("b", outcome="", x="2")])) == 1


def read_so(name, **readings):
    return run(name, metrics=json.dumps(readings))


def test_how_metrics_are_read_is_compared_metric_by_metric_between_the_runs_that_have_both():
    assert differences([read_so("a", loss="1"), read_so("b", acc="2"), run("c")]) == ()
    runs = [read_so("a", loss="1", acc="1"), read_so("b", loss="2"), read_so("c", acc="1", lr="2"), run("d")]
    assert sentences(runs) == ["runs differ in how metrics are read: loss 1 (a); loss 2 (b)"]
    found = differences([*runs, run("e", code=code("x")), run("f", code=code("y"))])
    assert claims(found) == "differ in code and how metrics are read"
    now = {"sweeps.metrics": json.dumps({"acc": "1", "loss": "3"})}
    assert sentences(runs[1:3], now) == ["runs differ in how metrics are read: loss 2 (b); loss 3 (now)"]


def test_a_tag_that_says_something_else_is_no_reading():
    assert identity(run("a", metrics="[1]")[1], Part.METRICS) is None


def test_a_run_that_met_some_of_a_metrics_sources_only_is_like_those_that_met_all():
    both = "csv 3c.1 + stdout .2"
    runs = [read_so("a", loss="csv 3c.1"), read_so("b", loss=both), read_so("c", loss="stdout .2")]
    assert sentences(runs) == []
    assert sentences(runs, {"sweeps.metrics": json.dumps({"loss": both})}) == []
    assert len(sentences([*runs, read_so("d", loss="csv 3c.9")])) == 1
    assert len(sentences([runs[0], read_so("d", loss="stdout .3")])) == 1


def test_how_other_metrics_are_read_makes_no_difference_where_one_is_compared():
    runs = [read_so("a", acc="1", loss="2"), read_so("b", acc="1", loss="3")]
    assert differences(runs, metrics={"acc"}) == ()
    assert len(differences(runs, metrics={"acc", "loss"})) == len(differences(runs)) == 1
