from sweeps.planning.cells import axes_of, cells, probes
from sweeps.planning.layers import Layers
from tests.sweeps.specs import read


def cells_of(path, text):
    spec = read(path, text)
    sweep = spec.sweeps[0]
    found = cells(sweep, Layers.of(spec, sweep, defaults={}, profile=None, overrides={}))
    return sweep, [({k: s.value for k, s in cell.settings.items()}, cell) for cell in found]


def test_seeds_repeat_each_cell_of_the_product_and_each_include(tmp_path):
    sweep, found = cells_of(
        tmp_path, "sweeps: {a: {grid: {x: [1, 2]}, zip: {y: [3, 4], z: [5, 6]}, include: [{x: 9}], seeds: 2}}"
    )
    assert axes_of(sweep) == ("x", "y", "z", "seed")
    assert [values for values, _ in found] == [
        *({"x": x, "y": y, "z": y + 2, "seed": seed} for x in (1, 2) for y in (3, 4) for seed in (0, 1)),
        *({"x": 9, "seed": seed} for seed in (0, 1)),
    ]


def test_a_cell_says_which_conditions_held_in_it(tmp_path):
    _, found = cells_of(
        tmp_path,
        "sweeps: {a: {grid: {x: [1, 2, 3]}, exclude: [{x: 7}, {x: 2}], when: [{if: {x: 3}, set: {y: 1}}]}}",
    )
    assert [(values["x"], cell.excluded_by, cell.whens) for values, cell in found] == [
        (1, None, ()),
        (2, 1, ()),
        (3, None, (0,)),
    ]


def test_the_cells_of_a_search_show_every_bound_choice_and_starting_point(tmp_path):
    text = """\
        sweeps:
          a:
            search:
              space: {kind: {choice: [u, v]}, x: {int: [1, 8]}, y: {float: [0, 1], when: {kind: v}}}
              objective: {val/loss: min}
              trials: 5
              enqueue: [{kind: u, x: 4}]
        """
    search = read(tmp_path, text).sweeps[0].search
    shown = [{key: s.value for key, s in layer.items()} for layer, _ in probes(search, lambda _: None)]
    assert shown == [
        {"kind": "u", "x": 1},
        {"kind": "v", "x": 1, "y": 0},
        {"kind": "u", "x": 8},
        {"kind": "v", "x": 1, "y": 0},
        {"kind": "v", "x": 1, "y": 1},
        {"kind": "u", "x": 4},
    ]
