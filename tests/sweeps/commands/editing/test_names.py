import pytest

from sweeps.commands.editing.names import axes_of, keys_of, profiles_of, sweeps_of, trials_of

SPEC = """\
trainer: no.such.module:train
defaults: {depth: 2}
profile: small
profiles: {small: {lr: 1}, large: {seeds: 3, sweeps: {a: {width: 1}}}}
sweeps:
  a: {grid: {lr: [0.1, 1]}, zip: {x: [1, 2], y: [a, b]}, include: [{lr: 5, x: 0, y: c}]}
  b: {seeds: [4, 5]}
  c: {search: {space: {lr: {float: [0, 1]}}, objective: {loss: min}, trials: 3}}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "e.yaml"
    path.write_text(SPEC)
    return path


def test_profiles_and_sweeps_are_those_of_the_file(file):
    assert (profiles_of(file), sweeps_of(file)) == (["small", "large"], ["a", "b", "c"])


def test_trials_are_those_of_grids_with_the_profile_and_the_seeds_that_are_asked_for(file):
    assert len(trials_of(file)) == 5 + 2
    assert "seed4" in trials_of(file)
    assert len(trials_of(file, seeds=2)) > len(trials_of(file))


def test_what_varies_has_its_values(file):
    assert axes_of(file) == {"lr": ["0.1", "1"], "x": ["1", "2"], "y": ["a", "b"], "seed": ["4", "5"]}


def test_keys_are_those_that_are_set_anywhere(file):
    assert set(keys_of(file)) == {"depth", "lr", "width", "x", "y", "seed"}
