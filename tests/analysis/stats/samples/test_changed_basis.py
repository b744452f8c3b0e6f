from analysis.stats.samples.changed_basis import as_sentence, changed_basis
from tests.analysis.recorded import results_of, strategy_sweep, with_code

ALIKE = results_of(strategy_sweep()).results
MIXED = results_of(strategy_sweep(), {"Cyclical": with_code("bb22")}).results


def test_what_is_left_out_is_named_or_counted():
    assert changed_basis(["lr 1"], 4, [MIXED], "loss") == "compared without lr 1, where runs differ in code"
    assert (
        changed_basis(["lr 1", "lr 2", "lr 3"], 4, [MIXED], "loss")
        == "compared without 3 of 4 settings, where runs differ in code"
    )


def test_where_all_is_compared_it_says_in_what_the_runs_differ():
    assert changed_basis([], 1, [MIXED], "loss") == "runs differ in code, by seed and in all settings alike"
    assert changed_basis([], 1, [ALIKE], "loss") == ""
    by_code = [
        [one for one in MIXED if (one.run.tags.get("sweeps.code") or "").count("bb22") == mine]
        for mine in (0, 1)
    ]
    assert (
        changed_basis([], 2, by_code, "loss")
        == "runs differ in code between settings of the other axes, not within them"
    )


def test_an_answer_has_it_as_a_sentence():
    assert as_sentence("runs differ in code") == " Runs differ in code."
    assert as_sentence("") == ""
