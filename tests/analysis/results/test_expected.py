from analysis.results.expected import ExpectedSweep
from tests.analysis.recorded import ratio_sweep, seed_sweep, trial


def test_the_seed_is_an_axis_and_no_setting():
    assert seed_sweep().axes == ("kl_anneal_type", "seed")
    assert seed_sweep().settings == ("kl_anneal_type",)


def test_the_values_of_an_axis_come_once_each_in_the_order_of_the_trials():
    assert ratio_sweep().values("tfr") == (1.0, 0.5, 0.0)
    assert ratio_sweep().values("lr") == ()
    pairs = [[0.9, 0.99], [0.5, 0.9], [0.9, 0.99]]
    lists = ExpectedSweep(
        "odd", ("betas",), tuple(trial(str(n), {"betas": pair}) for n, pair in enumerate(pairs))
    )
    assert lists.values("betas") == ([0.9, 0.99], [0.5, 0.9])


def test_a_sweep_is_whole_where_every_trial_has_a_plain_value_on_every_axis():
    assert ratio_sweep().is_whole
    lists = ExpectedSweep("odd", ("kinds",), (trial("a", {"kinds": ["a", 1]}),))
    lacking = ExpectedSweep("odd", ("lr",), (trial("a", {}),))
    assert not lists.is_whole
    assert not lacking.is_whole
