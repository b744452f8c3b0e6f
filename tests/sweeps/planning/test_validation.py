from sweeps.planning.cells import axes_of
from sweeps.planning.validation import condition_problems, override_problems, profile_problems, size_problems
from sweeps.spec.model import read_overrides
from sweeps.trainer.loader import load_trainer
from tests.sweeps.specs import read


def messages(problems):
    return [problem.message for problem in problems]


def test_unknown_keys_of_other_profiles_are_found(tmp_path):
    spec = read(tmp_path, "profiles: {p: {lrr: 1}, q: {lrrr: 1}}\nsweeps: {a: {seeds: 1}}\n")
    trainer, _ = load_trainer(spec.trainer)
    assert messages(profile_problems(spec, trainer, "q")) == [
        "profiles.p.lrr: unknown key 'lrr'; did you mean 'lr'?"
    ]


def test_sweeps_that_are_only_together_too_large_are_refused(tmp_path):
    spec = read(tmp_path, "sweeps: {a: {seeds: 150000}, b: {seeds: 150000}}")
    assert messages(size_problems(spec.sweeps)) == [
        "sweeps: all sweeps expand to 300,000 trials, and a file holds at most 200,000; split it"
    ]
    assert messages(size_problems(spec.sweeps[:1])) == []


def test_a_key_that_varies_cannot_be_set_from_the_command_line(tmp_path):
    sweep = read(tmp_path, "sweeps: {a: {grid: {data.size: [1, 2]}}}").sweeps[0]
    overrides = read_overrides(["data=1", "lr=2"])
    assert messages(override_problems(sweep, axes_of(sweep), overrides)) == [
        "sweeps.a varies data.size; select with --only data.size=VALUE, or edit the sweep"
    ]


def test_a_condition_that_held_nowhere_is_found_unless_a_profile_may_set_its_key(tmp_path):
    sweep = read(
        tmp_path, "sweeps: {a: {grid: {tfr: [0, 1]}, exclude: [{tfr: 2}, {tfr: 1}, {kind: x}, {tfr: 0}]}}"
    ).sweeps[0]
    found = messages(condition_problems(sweep, None, {("exclude", 1)}, lambda _: None))
    assert found == [
        "sweeps.a.exclude: tfr is never 2, only 0, 1",
        "sweeps.a.exclude: tfr=0 matches no trial; delete or correct it",
    ]
