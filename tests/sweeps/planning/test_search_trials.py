from sweeps.planning.search_trials import as_config, search_digest
from tests.sweeps.specs import expanded

TEXT = """\
    defaults: {epochs: 4}
    sweeps:
      a:
        when: [{if: {kind: Cyclical}, set: {fast: true}}]
        search:
          space: {kind: {choice: [None, Cyclical]}, tfr: {float: [0, 1], when: {kind: Cyclical}}}
          objective: {val/loss: min}
          trials: 5
          enqueue: [{kind: None}]
    """


def test_a_suggestion_becomes_a_trial_with_the_files_other_settings(tmp_path):
    search = expanded(tmp_path, TEXT)[0]["a"].search
    trial = search.trial({"kind": "Cyclical", "tfr": 0.25}, "trial-001")
    assert (trial.name, trial.sweep) == ("trial-001", "a")
    assert [trial.config[key] for key in ("kind", "tfr", "fast", "epochs")] == ["Cyclical", 0.25, True, 4]


def test_a_suggestion_that_is_not_in_the_space_has_no_trial(tmp_path):
    search = expanded(tmp_path, TEXT)[0]["a"].search
    wrong = [{"kind": "Cyclical"}, {"kind": "None", "tfr": 0.5}, {"kind": "Cyclical", "tfr": 2}, {"lr": 1}]
    assert [search.trial(params, "x") for params in wrong] == [None] * 4


def test_the_epochs_are_known_unless_they_are_searched(tmp_path):
    head = (
        "trainer: {run: 'tests.sweeps.specs:train', config: 'tests.sweeps.specs:Settings', epochs: epochs}\n"
    )
    assert expanded(tmp_path, TEXT, head=head)[0]["a"].search.epochs == 4
    searched = TEXT.replace("tfr: {float: [0, 1],", "epochs: {int: [1, 3],")
    assert expanded(tmp_path, searched, head=head)[0]["a"].search.epochs is None


def test_the_digest_changes_with_the_space_and_with_what_all_trials_share(tmp_path):
    first = expanded(tmp_path, TEXT)[0]["a"].search
    other = expanded(tmp_path, TEXT, overrides=["lr=2"])[0]["a"].search
    assert first.digest == expanded(tmp_path, TEXT)[0]["a"].search.digest
    assert len({first.digest, other.digest, search_digest(first.spec, "x")}) == 3


def test_what_is_drawn_becomes_the_configs_own_value(tmp_path):
    text = "sweeps: {a: {search: {space: {steps: {choice: [[1], [2, 3]]}, epochs: {int: [1, 4]}}, objective: {l: min}, trials: 2}}}"
    dimensions = expanded(tmp_path, text)[0]["a"].search.dimensions
    assert as_config(dimensions["steps"], "[2, 3]") == [2, 3]
    assert repr(as_config(dimensions["epochs"], 3.0)) == "3"
