"""Settings that do not reach the program."""

import pytest

from sweeps.planning.checks.reach import argument_problems
from sweeps.planning.expansion import expand, file_warnings
from sweeps.trainer.loader import load_trainer
from tests.sweeps.specs import read

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
    where = "e.yaml:2:21: sweeps.a.seeds: nothing takes the seed; "
    repeats = "; for plain repeats '{args}' to the command and `args: {keys: {seed: none}}`"
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


@pytest.mark.parametrize(
    ("words", "sweep", "seeds", "place"),
    [
        ("[./relax, '{lr}', '7']", "{seeds: [1, 2]}", None, "e.yaml:2:21: sweeps.a.seeds: "),
        ("[./relax, '{lr}', '7']", "{set: {wd: 1}}", 2, "--seeds 2: sweeps.a: "),
        ("[./relax, '{lr}', '7']", "{seeds: 1}", None, None),
        ("[./relax, '{lr}', '{seed}']", "{seeds: 2}", None, None),
        ("[./relax, '{lr}', '--seed={seed}']", "{seeds: 2}", None, None),
        ("[./relax, '{args}']", "{seeds: 2}", None, None),
        ("[./relax, '{lr}'], args: none", "{seeds: 2}", None, None),
        ("[./relax, '{lr}'], env: {SEED: '{seed}'}", "{seeds: 2}", None, None),
        ("[./relax, '{lr}', '{wd}']", "{seeds: 2, set: {wd: '{seed}'}}", None, None),
        ("[./relax, '{lr}']", "{seeds: 2, when: [{if: {seed: 1}, set: {lr: 7}}]}", None, None),
        ("[./relax]", "{seeds: 2}", None, None),
        ("[python, -c, 'pass']", "{seeds: 2}", None, "e.yaml:2:21: sweeps.a.seeds: "),
        ("[python, -c, 'print(SWEEP_CONFIG)']", "{seeds: 2}", None, None),
    ],
)  # fmt: skip
def test_seeds_that_no_word_of_a_command_takes_are_warned_of(
    tmp_path, monkeypatch, words, sweep, seeds, place
):
    monkeypatch.chdir(tmp_path)
    spec = read(tmp_path, f"sweeps: {{a: {sweep}}}", f"trainer: {{command: {words}}}\n")
    trainer, _ = load_trainer(spec.trainer)
    found = [str(one).rpartition("/")[2] for one in file_warnings(spec, trainer, seeds)]
    assert [one.startswith(f"{place}nothing takes the seed: ") for one in found] == [True] * bool(place), (
        found
    )


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
