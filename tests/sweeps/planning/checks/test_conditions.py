"""Conditions that hold nowhere."""

from tests.sweeps.specs import expanded, problem_lines


def test_a_condition_on_a_key_that_does_not_vary_may_wait_for_a_profile(tmp_path):
    text = "sweeps: {a: {seeds: 2, when: [{if: {data.name: folder}, set: {lr: 2}}], exclude: [{data.name: folder}]}}"
    assert len(expanded(tmp_path, text)[0]["a"].trials) == 2


def test_conditions_that_cannot_hold_are_reported_with_the_values_there_are(tmp_path):
    grid = "grid: {kind: [None, Cyclical]}, include: [{lr: 2}]"
    assert problem_lines(
        tmp_path,
        f"sweeps: {{a: {{{grid}, when: [{{if: {{kind: Cyclic}}, set: {{}}}}, {{if: {{lr: 3}}, set: {{}}}}]}}}}",
    ) == [
        "e.yaml:2:73: sweeps.a.when: kind is never Cyclic, only None, Cyclical; did you mean 'Cyclical'?",
        "e.yaml:2:104: sweeps.a.when: lr is never 3, only 0.001, 2",
    ]


def test_conditions_that_hold_together_nowhere_are_a_problem(tmp_path):
    text = "sweeps: {a: {zip: {lr: [1, 2], tfr: [0, 1]}, exclude: [{lr: 1, tfr: [1, 0.0]}, {lr: 2, tfr: 0}]}}"
    assert problem_lines(tmp_path, text) == [
        "e.yaml:2:80: sweeps.a.exclude: lr=2, tfr=0 matches no trial; delete or correct it"
    ]


def test_a_condition_names_keys_that_the_trainer_has(tmp_path):
    text = "sweeps: {a: {seeds: 2, exclude: [{lrr: 1}], when: [{if: {seed: 0}, set: {epocs: 1}}]}}"
    assert [line.partition(": ")[2] for line in problem_lines(tmp_path, text)] == [
        "sweeps.a.exclude.lrr: unknown key 'lrr'; did you mean 'lr'?",
        "sweeps.a.when.set.epocs: unknown key 'epocs'; did you mean 'epochs'?",
    ]
