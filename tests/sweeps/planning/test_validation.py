"""Problems of sweeps, profiles and conditions that no single trial shows."""

import pytest

from sweeps.planning.expansion import expand
from sweeps.planning.validation import (
    argument_problems,
    limit_problems,
    override_problems,
    profile_problems,
    size_problems,
    source_problems,
)
from sweeps.rundir.store_limits import StoreLimits
from sweeps.sources.loggers import tensorboard
from sweeps.spec.setting_parser import read_overrides
from sweeps.trainer.loader import load_trainer
from tests.sweeps.specs import FREE, expanded, problem_lines, read


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


def test_a_grid_that_is_too_large_is_refused_before_any_cell_is_looked_at(tmp_path):
    axes = ", ".join(f"k{i}: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]" for i in range(9))
    assert problem_lines(tmp_path, f"sweeps:\n  a: {{seeds: 3}}\n  b: {{grid: {{{axes}}}, seeds: 2}}\n") == [
        "e.yaml:4:3: sweeps.b: expands to 2,000,000,000 trials, and a file holds at most 200,000; vary fewer keys at once"
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


def test_sweeps_that_are_too_many_trials_together_are_refused(tmp_path):
    axis = f"[{', '.join(map(str, range(400)))}]"
    spec = read(tmp_path, f"sweeps:\n  a: {{grid: {{x: {axis}, y: {axis}}}}}\n  b: {{seeds: 40001}}\n", FREE)
    (problem,) = size_problems(spec.sweeps)
    assert problem.message == (
        "sweeps: all sweeps expand to 200,001 trials, and a file holds at most 200,000; split it"
    )
    assert list(size_problems(spec.sweeps[:1])) == []


def test_a_profile_that_is_not_chosen_is_checked_for_unknown_keys(tmp_path):
    text = "profiles: {p: {lr: 1, epocs: 2, sweeps: {a: {sed: 1}}}, q: {knd: 1}}\nsweeps: {a: {seeds: 1}}"
    spec = read(tmp_path, text)
    trainer, _ = load_trainer(spec.trainer)
    assert [problem.message for problem in profile_problems(spec, trainer, "q")] == [
        "profiles.p.epocs: unknown key 'epocs'; did you mean 'epochs'?",
        "profiles.p.sweeps.a.sed: unknown key 'sed'; did you mean 'seed'?",
    ]


def test_the_keys_of_a_trainer_without_a_schema_are_not_checked(tmp_path):
    spec = read(tmp_path, "profiles: {p: {anything: 1}}\nsweeps: {a: {seeds: 1}}", FREE)
    trainer, _ = load_trainer(spec.trainer)
    assert list(profile_problems(spec, trainer, None)) == []


@pytest.mark.parametrize("key", ["data.size", "data.size.x", "data"])
def test_the_command_line_sets_no_key_that_the_sweep_varies_nor_a_part_of_it(key, tmp_path):
    (sweep,) = read(tmp_path, "sweeps: {a: {grid: {data.size: [1, 2]}}}").sweeps
    (problem,) = override_problems(sweep, ("data.size",), read_overrides([f"{key}=3", "data2.size=1"]))
    remedy = "select with --only data.size=VALUE, or edit the sweep"
    assert str(problem) == f"--set {key}=3: sweeps.a varies data.size; {remedy}"


SQLITE, POSTGRES = StoreLimits.of("sqlite:///mlflow.db"), StoreLimits.of("postgresql://u@h/d")
LONG = "k" * 251


def limits_found(path, text, store=SQLITE, overrides=()):
    spec = read(path, text, FREE)
    trainer, _ = load_trainer(spec.trainer)
    problems = limit_problems(spec, trainer, read_overrides(overrides), store)
    return [
        (problem.place.line, problem.message.replace(LONG, "LONG").replace(LONG[:60], "kk"))
        for problem in problems
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"sweeps: {{a: {{grid: {{{LONG}: [1, 2]}}}}}}",
        f"sweeps: {{a: {{grid: {{x: [1]}}, set: {{{LONG}: 1}}}}}}",
        f"sweeps: {{a: {{include: [{{{LONG}: 1}}]}}}}",
        f"sweeps: {{a: {{grid: {{x: [1]}}, when: [{{if: {{x: 1}}, set: {{{LONG}: 1}}}}]}}}}",
        f"sweeps: {{a: {{search: {{space: {{{LONG}: {{float: [0, 1]}}}}, objective: {{loss: min}}, trials: 1}}}}}}",
        f"profiles: {{p: {{{LONG}: 1}}}}\nsweeps: {{a: {{seeds: 1}}}}",
        f"defaults: {{{LONG}: 1}}\nsweeps: {{a: {{seeds: 1}}}}",
    ],
)
def test_a_key_that_is_too_long_for_a_param_is_a_problem_wherever_it_stands(tmp_path, text):
    found = limits_found(tmp_path, text)
    assert found
    assert all(
        "kk: the key has 251 characters, and MLflow takes 250; shorten it" in told for _, told in found
    )


@pytest.mark.parametrize("value", ['"a\\ud800"', '["a\\udfff", b]', '[{x: {y: "\\udc80"}}]'])
def test_half_a_character_is_a_problem_however_deep_it_stands(tmp_path, value):
    ((line, told),) = limits_found(tmp_path, f"sweeps: {{a: {{seeds: 1, set: {{p: {value}}}}}}}")
    assert line == 2
    assert told.startswith("sweeps.a.set.p: the value holds half of a surrogate pair")


def test_a_nul_is_a_problem_where_the_database_keeps_none(tmp_path):
    text = 'sweeps: {a: {grid: {p: ["a\\0", b]}}}'
    assert limits_found(tmp_path, text) == []
    ((_, told),) = limits_found(tmp_path, text, POSTGRES)
    assert "NUL, which this tracking store cannot keep" in told


def test_the_name_of_an_experiment_is_as_long_as_its_column(tmp_path):
    text = f"experiment: {'e' * 257}\nsweeps: {{a: {{seeds: 1}}}}"
    assert limits_found(tmp_path, text) == []
    assert limits_found(tmp_path, text, POSTGRES) == [
        (2, "experiment: the name has 257 characters, and this tracking store takes 256; shorten it")
    ]


def test_a_metric_that_can_never_be_logged_is_no_objective(tmp_path):
    search = "{space: {x: {float: [0, 1]}}, objective: {loss@1: min}, trials: 1}"
    ((_, told),) = limits_found(tmp_path, f"sweeps: {{a: {{search: {search}}}}}")
    assert told.endswith("rename it, for example 'loss_1'")


def test_values_of_the_command_line_are_checked_too(tmp_path):
    ((_, told),) = limits_found(tmp_path, "sweeps: {a: {seeds: 1}}", overrides=[f"{LONG}=1"])
    assert "--set" in told


SCRIPT = "trainer: {{command: [python, -c, 'pass'{words}]{more}}}\n"


def unused(path, text, words=", '{lr}'", more=""):
    spec = read(path, text, SCRIPT.format(words=words, more=more))
    trainer, _ = load_trainer(spec.trainer)
    return [str(problem).rpartition("/")[2] for problem in argument_problems(spec, trainer, {})]


@pytest.mark.parametrize(
    ("sweep", "place", "part"),
    [
        ("{grid: {lr: [1, 2], wd: [1, 2]}}", 33, "grid.wd"),
        ("{zip: {lr: [1, 2], wd: [1, 2]}}", 32, "zip.wd"),
        ("{include: [{lr: 1}, {wd: 2}]}", 34, "include.wd"),
        (
            "{search: {space: {wd: {float: [0, 1]}}, objective: {loss: min}, trials: 3}}",
            31,
            "search.space.wd",
        ),
    ],
)
def test_a_key_that_varies_and_never_reaches_the_program_is_a_problem(sweep, place, part, tmp_path):
    remedy = "add '{wd}' or '{args}' to it, or write `args: none` if the program reads $SWEEP_CONFIG"
    assert unused(tmp_path, f"sweeps: {{a: {sweep}}}") == [
        f"e.yaml:2:{place}: sweeps.a.{part}: the command never uses it; {remedy}"
    ]


@pytest.mark.parametrize("word", ["small.yaml", "--config=small.yaml"])
def test_a_key_of_a_config_file_that_the_command_names_is_set_in_a_copy_of_it(word, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text("optim: {lr: 1}\n")
    (told,) = unused(tmp_path, "sweeps: {a: {grid: {optim.lr: [1, 2]}}}", f", none.json, {word}")
    remedy = "small.yaml has it: write `config_file: small.yaml`, and '{trial_config}' in its place"
    assert told.endswith(f"sweeps.a.grid.optim.lr: the command never uses it; {remedy}")


def test_a_key_of_one_value_does_not_vary(tmp_path):
    assert unused(tmp_path, "sweeps: {a: {grid: {lr: [1, 2], wd: [1]}}}") == []


@pytest.mark.parametrize(
    ("words", "more"),
    [
        (", '{lr}', '{wd}'", ""),
        (", '{args}'", ""),
        (", '{args}'", ", args: {keys: {wd: none}}"),
        ("", ", args: none"),
        (", '{lr}', $SWEEP_CONFIG", ""),
    ],
)
def test_a_key_that_reaches_the_program_in_some_way_is_none(words, more, tmp_path):
    assert unused(tmp_path, "sweeps: {a: {grid: {wd: [1, 2]}}}", words, more) == []


@pytest.mark.parametrize(
    "sweep",
    [
        "{grid: {wd: [1, 2]}, set: {lr: '{wd}'}}",
        "{grid: {wd: [1, 2]}, when: [{if: {wd: 1}, set: {lr: 3}}]}",
        "{seeds: 3, set: {lr: 3, wd: 1}}",
        "{search: {space: {wd: {choice: [1, 2]}, lr: {float: [0, 1], when: {wd: 1}}}, objective: {loss: min}, trials: 3}}",
    ],
)
def test_a_key_may_matter_without_a_word_of_its_own(sweep, tmp_path):
    assert unused(tmp_path, f"sweeps: {{a: {sweep}}}") == []


def test_a_program_whose_sources_cannot_be_read_may_read_its_settings_unless_it_is_given_others(tmp_path):
    text = "sweeps: {a: {grid: {wd: [1, 2]}, set: {lr: 1}}}"
    for words, count in (("", 0), (", '{lr}'", 1)):
        spec = read(tmp_path, text, f"trainer: {{command: ['true'{words}]}}\n")
        trainer, _ = load_trainer(spec.trainer)
        assert len(list(argument_problems(spec, trainer, {}))) == count


def test_a_function_gets_its_config_whole(tmp_path):
    spec = read(tmp_path, "sweeps: {a: {grid: {lr: [1, 2]}}}")
    assert list(argument_problems(spec, load_trainer(spec.trainer)[0], {})) == []


def test_a_key_of_args_is_one_of_some_setting(tmp_path):
    more = ", args: {keys: {lr: x, seed: none, wdd: y, zzz: none}}"
    assert unused(tmp_path, "sweeps: {a: {grid: {lr: [1], wd: [2]}}}", ", '{args}'", more) == [
        "e.yaml:1:85: trainer.args.keys.wdd: no setting has this key; did you mean 'wd'?",
        "e.yaml:1:93: trainer.args.keys.zzz: no setting has this key; delete it",
    ]


@pytest.mark.parametrize(
    ("file", "sweep", "more", "told"),
    [
        (
            "{lr: 1, exp: {manual_seed: 3}}",
            "{seeds: [0, 1]}",
            "",
            """add `defaults: {exp.manual_seed: "{seed}"}`""",
        ),
        (
            "{lr: 1}",
            "{seeds: 2}",
            "",
            "give base.yaml a key `seed` that the program reads",
        ),
        ("{lr: 1}", "{seeds: 1}", "", None),
        ("{lr: 1, seed: 2}", "{seeds: 2}", "", None),
        ("{exp: {seed: 3}}", "{seeds: 2, set: {exp.seed: '{seed}'}}", "", None),
        ("{exp: {seed: 3}}", "{seeds: 2, when: [{if: {seed: 1}, set: {exp.seed: 7}}]}", "", None),
        ("{exp: {seed: 3}}", "{seeds: 2}", ", args: {keys: {seed: none}}", None),
    ],
)
def test_seeds_that_no_key_of_a_config_file_takes_are_a_problem(
    tmp_path, monkeypatch, file, sweep, more, told
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text(file)
    words = ", '{trial_config}'" + (", '{args}'" if more else "")
    spec = read(
        tmp_path,
        f"sweeps: {{a: {sweep}}}",
        SCRIPT.format(words=words, more=f", config_file: base.yaml{more}"),
    )
    trainer, _ = load_trainer(spec.trainer)
    found = [str(one).rpartition("/")[2] for one in expand(spec, trainer).problems]
    where = "e.yaml:2:21: sweeps.a.seeds: nothing takes the seed, so that all train alike; "
    repeats = ", or add for plain repeats '{args}' to the command and `args: {keys: {seed: none}}`"
    assert found == ([] if told is None else [f"{where}{told}{repeats}"])


@pytest.mark.parametrize(
    ("sweeps", "seeds", "profile", "told"),
    [
        ("sweeps: {a: {set: {lr: 2}}}", 2, None, "--seeds 2: sweeps.a: nothing takes the seed"),
        ("sweeps: {a: {seeds: 2}}", 1, None, None),
        ("sweeps: {a: {set: {lr: 2}}}", 1, None, None),
        ("sweeps: {a: {set: {exp.seed: '{seed}'}}}", 2, None, None),
        ("profiles: {p: {seeds: 2}}\nsweeps: {a: {set: {lr: 2}}}", None, "p", "profiles.p.seeds: sweeps.a: nothing takes the seed"),
        ("profiles: {p: {seeds: 2}}\nsweeps: {a: {set: {lr: 2}}}", None, None, "profiles.p.seeds: sweeps.a: nothing takes the seed"),
        ("profiles: {p: {seeds: 2}}\nsweeps: {a: {set: {lr: 2}}}", 1, "p", None),
        ("profiles: {p: {sweeps: {a: {seeds: 2}}}}\nsweeps: {a: {set: {lr: 2}}}", None, "p", "profiles.p.sweeps.a.seeds: sweeps.a: nothing"),
        ("profiles: {p: {seeds: 1}}\nsweeps: {a: {set: {lr: 2}}}", None, "p", None),
    ],
)  # fmt: skip
def test_seeds_of_the_command_line_and_of_profiles_are_looked_at_too(
    tmp_path, monkeypatch, sweeps, seeds, profile, told
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text("{lr: 1, exp: {seed: 3}}")
    head = "trainer: {command: [echo, '{trial_config}'], config_file: base.yaml}\n"
    spec = read(tmp_path, sweeps, head)
    trainer, problems = load_trainer(spec.trainer)
    found = [str(one) for one in expand(spec, trainer, seeds=seeds, profile=profile).problems]
    assert not problems
    assert [told in one for one in found] == [True] * (told is not None), found


def test_a_program_that_reads_its_settings_may_read_the_seed_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text("lr: 1\n")
    words = ", '{trial_config}', $SWEEP_CONFIG"
    assert unused(tmp_path, "sweeps: {a: {seeds: 2}}", words, ", config_file: base.yaml") == []


def test_a_key_that_a_config_file_lacks_is_told_of_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text("lr: 1\n")
    text = "sweeps: {a: {set: {lrr: 1}}, b: {set: {lrr: 2}}}"
    (told,) = unused(tmp_path, text, ", '{trial_config}'", ", config_file: base.yaml")
    assert told.endswith("sweeps.a.set.lrr: base.yaml has no such key; did you mean 'lr'?")


def test_what_is_searched_follows_nothing(tmp_path):
    space = "{lr: {choice: ['{wd}', 1]}}"
    text = (
        f"sweeps: {{a: {{search: {{space: {space}, objective: {{loss: min}}, trials: 2}}, set: {{wd: 1}}}}}}"
    )
    (message,) = unused(tmp_path, text)
    assert message.endswith("search.space.lr: what is searched cannot follow another key; write the value")


def shared(path, metrics, sweeps="sweeps: {a: {seeds: 2}}", more=""):
    head = f"trainer: {{command: [echo, '{{args}}'], metrics: [{metrics}]{more}}}\n"
    spec = read(path, sweeps, head)
    sweeps, _ = expanded(path, sweeps, head=head)
    return [problem.message for problem in source_problems(spec, list(sweeps.values()))]


@pytest.mark.parametrize(
    ("metrics", "more"),
    [
        ("{csv: '{run_dir}/m.csv'}", ""),
        ("{csv: 'logs/{run_id}/m.csv'}", ""),
        ("{csv: 'logs/{trial}.csv'}", ""),
        ("{csv: 'logs/{seed}.csv'}", ""),
        ("{csv: m.csv}", ", cwd: '{run_dir}'"),
        ("{stdout: '(?P<a>.)'}", ""),
    ],
)
def test_a_source_may_be_of_each_trials_own(tmp_path, metrics, more):
    assert shared(tmp_path, metrics, more=more) == []


def test_a_source_whose_package_is_not_installed_is_told_with_the_remedy(tmp_path, monkeypatch):
    source = "{tensorboard: '{run_dir}'}"
    assert shared(tmp_path, source) == []
    monkeypatch.setattr(tensorboard, "missing", lambda: "install it")
    assert shared(tmp_path, source) == ["trainer.metrics[1] (tensorboard {run_dir}): install it"]


@pytest.mark.parametrize("more", ["", ", cwd: ."])
def test_a_source_that_two_trials_share_is_refused_and_one_trials_is_not(tmp_path, more):
    (message,) = shared(tmp_path, "{csv: logs/m.csv}", more=more)
    assert "a/seed0 and a/seed1 are read from the same place" in message
    assert shared(tmp_path, "{csv: logs/m.csv}", "sweeps: {a: {seeds: 1}}", more) == []


@pytest.mark.parametrize(
    ("path", "count"), [("logs/m.csv", 1), ("logs/{lr}/m.csv", 0), ("logs/{trial}/m.csv", 0)]
)
def test_so_is_one_that_the_trials_of_a_search_share(tmp_path, path, count):
    search = "sweeps: {a: {search: {space: {lr: {float: [0, 1]}}, objective: {loss: min}, trials: 2}}}"
    assert len(shared(tmp_path, f"{{csv: '{path}'}}", search)) == count
