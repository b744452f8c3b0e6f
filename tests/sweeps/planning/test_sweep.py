from sweeps.planning.sweep import keeps_of
from sweeps.spec.resources import Keep
from tests.sweeps.specs import expanded

TEXT = """\
    sweeps:
      grid: {{grid: {{lr: [1, 2]}}, seeds: 2}}
      search:
        search: {{space: {space}, objective: {{loss: min}}, trials: 9}}
    """


def test_a_sweep_has_the_name_that_the_file_gives_it_and_is_as_large_as_its_trials_are_many(tmp_path):
    sweeps, _ = expanded(tmp_path, TEXT.format(space="{lr: {float: [1, 2]}}"))
    assert (sweeps["grid"].name, sweeps["grid"].size, sweeps["grid"].search) == ("grid", 4, None)


def test_a_search_is_as_large_as_it_is_to_be_before_it_has_any_trial(tmp_path):
    sweeps, _ = expanded(tmp_path, TEXT.format(space="{lr: {float: [1, 2]}}"))
    assert (sweeps["search"].size, sweeps["search"].trials) == (9, ())


def test_a_search_is_no_larger_than_its_space(tmp_path):
    sweeps, _ = expanded(tmp_path, TEXT.format(space="{kind: {choice: [None, Cyclical]}}"))
    assert sweeps["search"].size == 2


def test_sweeps_are_the_same_whatever_object_makes_the_trials_of_their_search(tmp_path):
    text = TEXT.format(space="{lr: {float: [1, 2]}}")
    first, second = expanded(tmp_path, text)[0], expanded(tmp_path, text)[0]
    assert first == second
    assert first["search"].search is not second["search"].search


def test_a_trial_of_several_sweeps_has_what_each_of_them_keeps(tmp_path):
    text = """\
        sweeps:
          a: {keep: none, grid: {lr: [1, 2]}}
          b: {keep: best, grid: {lr: [2, 3]}}
        """
    sweeps, _ = expanded(tmp_path, text)
    assert list(keeps_of(sweeps.values()).values()) == [{Keep.NONE}, {Keep.NONE, Keep.BEST}, {Keep.BEST}]
    plain, _ = expanded(tmp_path, text.replace("keep: none, ", "").replace("keep: best, ", ""))
    prints = {name: [trial.fingerprint for trial in sweep.trials] for name, sweep in sweeps.items()}
    assert prints == {name: [trial.fingerprint for trial in sweep.trials] for name, sweep in plain.items()}
