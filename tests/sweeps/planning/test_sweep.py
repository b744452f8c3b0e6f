from tests.sweeps.specs import expanded


def test_a_sweep_is_as_large_as_its_trials_and_a_search_as_it_wants_to_be(tmp_path):
    text = """\
        sweeps:
          a: {grid: {tfr: [0, 0.5, 1]}}
          b: {search: {space: {tfr: {float: [0, 1]}}, objective: {val/loss: min}, trials: 7}}
        """
    sweeps, _ = expanded(tmp_path, text)
    assert [(sweep.name, sweep.size, len(sweep.trials)) for sweep in sweeps.values()] == [
        ("a", 3, 3),
        ("b", 7, 0),
    ]
