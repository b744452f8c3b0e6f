import pytest

from sweeps.errors import SpecError
from tests.sweeps.specs import read


def plain(layer):
    return {key: setting.value for key, setting in layer.items()}


def test_a_whole_file_is_read(tmp_path):
    spec = read(
        tmp_path,
        """\
        experiment: night
        profile: quick
        defaults: {lr: 1e-4, data: {name: folder, root: clips}}
        profiles:
          quick: {epochs: 2, sweeps: {a: {tfr: 0.5}}}
        sweeps:
          a:
            grid: {kind: [None, Cyclical]}
            zip: {lr: [1e-3, 1e-4], steps: [[1], [2, 3]]}
            include: [{kind: Monotonic}]
            exclude: [{kind: None, lr: [1e-3, 1e-4]}]
            when: [{if: {kind: Cyclical}, set: {data.size: 4}}]
            set: {fast: true}
            seeds: 2
            resources: {gpu: 0.5, cpu: 2}
            limits: {timeout: 2h, attempts: 3}
        """,
    )
    (a,) = spec.sweeps
    assert (spec.experiment, spec.profile, len(spec.digest)) == ("night", "quick", 12)
    assert plain(spec.defaults) == {"lr": 1e-4, "data.name": "folder", "data.root": "clips"}
    assert plain(spec.profiles["quick"].settings) == {"epochs": 2}
    assert plain(spec.profiles["quick"].sweeps["a"]) == {"tfr": 0.5}
    assert [(axis.key, [s.value for s in axis.values]) for axis in (*a.grid, *a.zipped, a.seeds)] == [
        ("kind", ["None", "Cyclical"]),
        ("lr", [1e-3, 1e-4]),
        ("steps", [[1], [2, 3]]),
        ("seed", [0, 1]),
    ]
    assert [plain(layer) for layer, _ in a.include] == [{"kind": "Monotonic"}]
    assert [condition for condition, _ in a.exclude] == [{"kind": ("None",), "lr": (1e-3, 1e-4)}]
    assert (a.when[0].condition, plain(a.when[0].settings)) == ({"kind": ("Cyclical",)}, {"data.size": 4})
    assert (plain(a.settings), a.resources.gpu, a.resources.cpu) == ({"fast": True}, 0.5, 2)
    assert (a.limits.timeout_s, a.limits.attempts) == (7200.0, 3)


def test_a_file_of_the_least_that_is_needed_has_defaults(tmp_path):
    spec = read(tmp_path, "trainer: m:f\nsweeps: {a: {seeds: [4]}}\n", head="")
    (a,) = spec.sweeps
    assert (spec.experiment, spec.profile, spec.trainer.run) == ("sweeps", None, "m:f")
    assert (spec.trainer.epochs, spec.trainer.config, spec.trainer.command) == ("num_epoch", None, None)
    assert (a.resources.gpu, a.resources.cpu, a.limits.timeout_s, a.limits.attempts) == (None, 1, None, 1)


def test_command_arguments_are_words_whatever_yaml_takes_them_for(tmp_path):
    text = "trainer: {command: [python, -n, 3, 0.5, true, 'x y']}\nsweeps: {a: {seeds: 1}}\n"
    spec = read(tmp_path, text, head="")
    assert spec.trainer.command == ("python", "-n", "3", "0.5", "true", "x y")
    assert [place.column for place in spec.trainer.command_places] == [21, 29, 33, 36, 41, 47]


def test_problems_of_all_parts_are_reported_at_once(tmp_path):
    with pytest.raises(SpecError) as caught:
        read(
            tmp_path,
            """\
            defaults: [1]
            profile: quick
            sweeps:
              a: {grid: {lr: 3}, seeds: x}
              b: {grids: {lr: [3]}}
            """,
            head="trainer: 3\n",
        )
    assert [problem.place.line for problem in caught.value.problems] == [1, 2, 3, 5, 5, 6, 6]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "trainer: {run: 'm:f', defaults: {lr: 1}}\nsweeps: {a: {seeds: 1}}",
            "trainer: unknown key 'defaults'; it belongs at the top level of the file",
        ),
        (
            "trainer: m:f\ncommand: [./p]\nsweeps: {a: {seeds: 1}}",
            "unknown key 'command'; it belongs below `trainer:`",
        ),
        (
            "trainer: m:f\ngrid: {lr: [1]}\nsweeps: {a: {seeds: 1}}",
            "unknown key 'grid'; it belongs into a sweep, below its name under `sweeps:`",
        ),
        (
            "trainer: {command: [./p, '{args}'], dashes: true}\nsweeps: {a: {seeds: 1}}",
            "trainer: unknown key 'dashes'; it belongs below `args:` of the trainer",
        ),
        (
            "trainer: {command: [./p, '{args}'], csv: a.csv}\nsweeps: {a: {seeds: 1}}",
            "trainer: unknown key 'csv'; it belongs into an entry of `metrics:` of the trainer",
        ),
        (
            "trainer: m:f\nsweeps: {a: {seeds: 1, defaults: {loss: 1}}}",
            "sweeps.a: unknown key 'defaults'; it belongs at the top level of the file",
        ),
    ],
)
def test_a_key_of_another_level_is_told_where_it_belongs(tmp_path, text, told):
    with pytest.raises(SpecError) as caught:
        read(tmp_path, text, head="")
    assert next(str(problem) for problem in caught.value.problems).endswith(told)
