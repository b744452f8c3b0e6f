from sweeps.spec.fields import FieldReader
from sweeps.spec.sweep_parser import read_sweeps
from sweeps.spec.yaml_reader import parse


def read(text):
    """The sweeps of `sweeps: text`, and the problems."""
    reader = FieldReader()
    sweeps = read_sweeps(parse(f"sweeps: {text}", "e.yaml").entry("sweeps"), reader)
    return sweeps, [str(problem) for problem in reader.problems]


def plain(layer):
    return {key: setting.value for key, setting in layer.items()}


def test_every_part_of_a_sweep_is_read():
    (sweep, other), problems = read(
        "{a: {grid: {lr: [1]}, include: [{lr: 2}], exclude: [{lr: [1, 3]}], set: {fast: true},"
        " when: [{if: {lr: 1}, set: {steps: 4}}], resources: {cpu: 2}, limits: {attempts: 3}}, b: {seeds: 2}}"
    )
    assert problems == []
    assert (sweep.name, other.name, str(other.place)) == ("a", "b", "e.yaml:1:180")
    assert [plain(layer) for layer, _ in sweep.include] == [{"lr": 2}]
    assert [condition for condition, _ in sweep.exclude] == [{"lr": (1, 3)}]
    assert [(when.condition, plain(when.settings)) for when in sweep.when] == [({"lr": (1,)}, {"steps": 4})]
    assert (plain(sweep.settings), sweep.resources.cpu, sweep.limits.attempts) == ({"fast": True}, 2, 3)
    assert (sweep.search, sweep.seeds) == (None, None)


def test_a_sweep_needs_a_name_and_trials():
    sweeps, problems = read("{'../a': {grid: {lr: [1]}}, b: {resources: {cpu: 1}}}")
    assert [sweep.name for sweep in sweeps] == ["b"]
    assert problems == [
        (
            "e.yaml:1:10: sweeps: the name '../a' must start with a letter or digit, continue with letters,"
            " digits and . _ + -, and have at most 100 characters"
        ),
        "e.yaml:1:40: sweeps.b: defines no trials; add `grid`, `zip`, `include` or `search`",
    ]
    assert "defines no sweep" in read("{}")[1][0]


def test_a_when_needs_a_condition_and_settings():
    _, problems = read("{a: {seeds: 1, when: [{if: {lr: 1}}, 3], include: [{seed: 1}]}}")
    assert sorted(problems) == [
        "e.yaml:1:31: sweeps.a.when: each entry is {if: {...}, set: {...}}; `set` is missing",
        "e.yaml:1:46: sweeps.a.when: must be a mapping of keys to values, not 3",
        "e.yaml:1:67: sweeps.a.include: `seeds` varies seed already; keep one of them",
    ]
