"""Seeds by another name: a grid over one is told, and one that stays as it is while trials are repeated."""

import json

import pytest

from tests.sweeps.specs import run_sweep

SCRIPT = """
import argparse
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float)
p.add_argument("--rng", type=int, default=0)
p.add_argument("--xi", type=int, default=0, help="width")
p.parse_args()
"""


@pytest.fixture
def check(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sim.py").write_text(SCRIPT)

    def checked(sweep, defaults="{}", args="argparse", command="'{args}'"):
        trainer = f"{{command: [python, sim.py, {command}], args: {args}}}"
        (tmp_path / "e.yaml").write_text(
            f"trainer: {trainer}\ndefaults: {defaults}\nsweeps: {{a: {sweep}}}\n"
        )
        done = run_sweep("check", "e.yaml", "--json")
        assert done.code == 0, done.err
        return [one.partition(": ")[2] for one in json.loads(done.out).get("warnings", [])]

    return checked


TAKES = '`args: {keys: {seed: "--rng"}}` passes it as --rng'


def test_a_grid_over_the_seed_is_told_with_what_repeats(check):
    told = "sweeps.a.grid.rng: looks like the seed, and is compared as a setting; with `seeds: [1, 2]` its values are repeats: "
    assert check("{grid: {rng: [1, 2]}}") == [told + TAKES]
    placed = "write {seed} in place of {rng} in the command"
    assert check("{grid: {rng: [1, 2]}}", command="--rng, '{rng}', '{args}'") == [told + placed]


def test_an_option_that_is_the_seed_by_its_help_is_told_too(check, tmp_path):
    grid = "{grid: {xi: [1, 2]}}"
    assert check(grid) == []
    (tmp_path / "sim.py").write_text(
        SCRIPT.replace("--rng", "--depth").replace("width", "seed of the generator")
    )
    (told,) = check(grid)
    assert "sweeps.a.grid.xi: looks like the seed" in told


@pytest.mark.parametrize(
    "sweep", ["{grid: {rng: [7]}}", "{grid: {lr: [1, 2]}}", "{grid: {rng: [1, 2]}, set: {seed: 1}}"]
)
def test_one_value_another_setting_and_a_second_seed_are_no_repeats(check, sweep):
    assert not any("looks like" in one for one in check(sweep))


def test_a_script_without_the_option_has_its_own_for_the_seed(check):
    lacks = "sweeps.a.seeds: sim.py has no option --seed; "
    assert check("{seeds: 2}") == [lacks + TAKES]
    assert check("{seeds: 2}", "{rng: 7}") == [f"{lacks}{TAKES}; take the setting rng out then"]
    assert "`args: {keys: {seed: none}}` keeps it" in check("{seeds: 2}", '{rng: "{seed}"}')[0]


def test_a_seed_that_is_kept_from_an_option_for_it_is_told(check):
    told = "sweeps.a.seeds: nothing takes the seed, and --rng stays as it is: repeats train alike; "
    assert check("{seeds: 2}", args="{keys: {seed: none}}") == [told + TAKES]
    assert check("{seeds: 2}", '{rng: "{seed}"}', "{keys: {seed: none}}") == []
    assert check("{seeds: 1}", args="{keys: {seed: none}}") == []


def test_a_setting_that_has_the_option_of_the_seed_is_told(check):
    (told,) = check("{seeds: 2}", "{rng: 7}", "{keys: {seed: --rng}}")
    assert "sweeps.a.seeds: rng is passed by the option of the seed, too" in told
    assert check("{seeds: 2}", '{rng: "{seed}"}', "{keys: {seed: --rng}}") == []


def test_a_script_without_an_option_for_a_seed_may_just_be_repeated(check, tmp_path):
    (tmp_path / "sim.py").write_text(SCRIPT.replace("--rng", "--width"))
    assert check("{seeds: 2}", args="{keys: {seed: none}}") == []
